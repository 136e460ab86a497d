// A verifier written from docs/protocol.md and docs/conformance.md alone, on npm's jose: init, update, verify, batch.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { checkTable } from "./claims.mjs";
import { readHeader, readKey, strip, verify as verifySignature } from "./jws.mjs";
import { malformed, Refusal, unsigned } from "./refusals.mjs";
import { readObject } from "./strict-json.mjs";
import { follows, pin, signingKey } from "./trust.mjs";

const LICENCE = "licence+jwt";
const OUTAGE = "outage+jwt";
const ACTIVATION = "activation-request+jwt";
const VALIDATION = "validation-request+jwt";
const PROOF = "device-key+jwt";
const ID = /^[A-Za-z0-9_-]{1,128}$/;
const WARNING = 90 * 86400;
const OPTIONS = Object.fromEntries(["now", "device", "request", "held"].map((name) => [name, { type: "string" }]));
const read = (file) => strip(readFileSync(file));

async function openLicence(bytes, trust, type = LICENCE) {
  const header = readHeader(bytes, type);
  if (!("kid" in header)) throw malformed("What the vendor signs names its key by kid.");
  const entry = signingKey(trust, header.kid);
  const claims = await verifySignature(bytes, header, entry.key);
  checkTable(type, claims);
  if (claims.iss !== trust.payload.iss) throw unsigned("Another issuer.");
  if (claims.iat < entry.from || (entry.until !== null && claims.iat > entry.until)) throw unsigned("Outside the key's dates.");
  return claims;
}

async function openRequest(bytes, type, trust, device) {
  const header = readHeader(bytes, type);
  if (type === ACTIVATION && !("jwk" in header)) throw malformed("An activation brings its key along.");
  const key = "jwk" in header ? await readKey(header.jwk) : device;
  if (!key || ("kid" in header && header.kid !== key.kid)) throw unsigned("An unknown device key.");
  const claims = await verifySignature(bytes, header, key);
  if (type !== ACTIVATION && "jwk" in header && !("held" in claims)) throw malformed("Only evidence brings its key along.");
  if (claims.aud !== trust.payload.iss) throw malformed("Meant for another server.");
  if (typeof claims.iss === "string" && ID.test(claims.iss) && claims.iss !== key.kid) throw unsigned("The issuer is not the key.");
  checkTable(type, claims);
  if ("held" in claims && type !== ACTIVATION) await checkEvidence(claims, key, trust);
  const keys = [key.kid];
  if ("next_key" in claims && type === VALIDATION) keys.push(await provedKey(claims, key));
  if (device && key.kid !== device.kid) throw unsigned("Another device.");
  return { claims, keys };
}

// The thumbprint of the key that shall take the place of the one that signed.
async function provedKey(asked, signer) {
  const bytes = Buffer.from(asked.next_key);
  const header = readHeader(bytes, PROOF);
  if (!("jwk" in header)) throw malformed("The other key comes along.");
  const key = await readKey(header.jwk);
  const claims = await verifySignature(bytes, header, key);
  if (!key.algorithms.includes("ES256")) throw malformed("A way leads into a TPM, and none out of it.");
  checkTable(PROOF, claims);
  const said = { iss: key.kid, aud: asked.aud, act: asked.act, nonce: asked.nonce, key: signer.kid };
  const fits = Object.keys(said).every((name) => claims[name] === said[name]);
  if (!fits || key.kid === signer.kid) throw unsigned("The proof of another request, or of the same key.");
  return key.kid;
}

async function checkEvidence(claims, key, trust) {
  const held = await openLicence(Buffer.from(claims.held), trust);
  const mine = held.cnf.jkt === key.kid && held.sub === claims.sub && held.act === claims.act;
  if (!mine || held.jti !== claims.previous || held.status === "refused") throw unsigned("The evidence is somebody else's.");
}

async function checkAnswers(licence, bytes, trust, device) {
  const type = JSON.parse(Buffer.from(bytes.toString("latin1").split(".")[0], "base64url")).typ;
  const { claims: asked, keys } = await openRequest(bytes, type, trust, device);
  if (!keys.includes(licence.cnf.jkt)) throw unsigned("Bound to a key that did not ask.");
  const who = { nonce: licence.nonce, sub: licence.sub, act: licence.act };
  if (Object.keys(who).some((name) => name in asked && asked[name] !== who[name])) throw unsigned("Another request's answer.");
}

async function checkLicence(licence, trust, { now, device, request, held }) {
  if (device && !request && licence.cnf.jkt !== device.kid) throw unsigned("Bound to another device.");
  if (request) await checkAnswers(licence, request, trust, device);
  if (held) {
    const before = await openLicence(held, trust);
    const least = before.seq + (licence.status === "refused" ? 0 : 1);
    if (licence.sub !== before.sub || licence.act !== before.act || licence.seq < least) throw unsigned("No successor.");
  }
  const moment = Math.max(now, licence.iat);
  if (moment >= licence.exp || moment >= trust.payload.exp + WARNING) throw new Refusal("licence-restricted", "Its time is over.");
}

async function verify([state, type, file], options) {
  const trust = await pin(read(state));
  const device = options.device && (await readKey(readObject(read(options.device))));
  if (type === OUTAGE) return openLicence(read(file), trust, OUTAGE);
  if (type !== LICENCE) return (await openRequest(read(file), type, trust, device)).claims;
  const licence = await openLicence(read(file), trust);
  const [request, held] = [options.request, options.held].map((name) => name && read(name));
  const now = options.now === undefined ? Math.floor(Date.now() / 1000) : Number(options.now);
  await checkLicence(licence, trust, { now, device, request, held });
  return licence;
}

const COMMANDS = {
  verify,
  async init([state, file]) {
    await pin(read(file));
    if (existsSync(state)) throw new Refusal("state-conflict", "It is pinned already.");
    writeFileSync(state, read(file));
  },
  async update([state, file]) {
    if (await follows(await pin(read(state)), read(file))) writeFileSync(state, read(file));
  },
};

async function answer(words) {
  try {
    const { values, positionals } = parseArgs({ args: words, options: OPTIONS, allowPositionals: true });
    const [command, ...rest] = positionals;
    const claims = await COMMANDS[command](rest, values);
    return { exit: 0, stdout: claims ? JSON.stringify(claims) : "", stderr: "" };
  } catch (error) {
    if (!(error instanceof Refusal)) return { exit: 2, stdout: "", stderr: String(error.stack) };
    return { exit: 1, stdout: "", stderr: `${error.word}: ${error.message}` };
  }
}

const words = process.argv.slice(2);
if (words[0] === "batch") {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
  }
} else {
  const { exit, stdout, stderr } = await answer(words);
  if (stdout) console.log(stdout);
  if (stderr) console.error(stderr);
  process.exitCode = exit;
}
