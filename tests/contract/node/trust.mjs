// Section 3: the trust document.
import * as jose from "jose";
import { checkTable } from "./claims.mjs";
import { checkSize, decode, readKey } from "./jws.mjs";
import { readObject } from "./strict-json.mjs";
import { malformed, Refusal, unsigned } from "./refusals.mjs";

const refused = (sentence) => new Refusal("trust-refused", sentence);

async function read(bytes) {
  checkSize(bytes);
  const envelope = readObject(bytes);
  checkTable("envelope", envelope);
  const payload = readObject(decode(envelope.payload));
  checkTable("trust", payload);
  const roots = await Promise.all(payload.root.keys.map(readKey));
  const signing = await Promise.all(payload.signing.map(async (entry) => ({ ...entry, key: await readKey(entry.jwk) })));
  const kids = [...roots, ...signing.map((entry) => entry.key)].map((key) => key.kid);
  if (new Set(kids).size !== kids.length) throw malformed("A key stands there twice.");
  if (payload.root.threshold > roots.length) throw malformed("More roots are needed than there are.");
  return { envelope, payload, roots, signing };
}

async function signers({ envelope }, roots) {
  const found = new Set();
  for (const row of envelope.signatures) {
    const header = readObject(decode(row.protected));
    const root = roots.find((candidate) => candidate.kid === header.kid);
    const plain = Object.keys(header).every((name) => ["alg", "kid", "typ"].includes(name));
    if (!root || !plain || !root.algorithms.includes(header.alg)) continue;
    decode(row.signature);
    try {
      await jose.flattenedVerify({ ...row, payload: envelope.payload }, root.half, { algorithms: root.algorithms });
      found.add(root.kid);
    } catch {
      continue;
    }
  }
  return found.size;
}

async function checkThreshold(document, { roots, payload }) {
  if ((await signers(document, roots)) < payload.root.threshold) throw refused("Too few roots signed it.");
}

export async function pin(bytes) {
  const trust = await read(bytes);
  await checkThreshold(trust, trust);
  return trust;
}

// Returns whether the document is newer than the one in hand; throws unless it may follow it.
export async function follows(current, bytes) {
  const next = await read(bytes);
  await checkThreshold(next, current);
  await checkThreshold(next, next);
  if (next.payload.iss !== current.payload.iss) throw refused("Another issuer.");
  if (next.payload.version > current.payload.version) return true;
  if (next.payload.version < current.payload.version || !same(next.payload, current.payload)) throw refused("An older version, or another content.");
  return false;
}

export function signingKey(trust, kid) {
  const found = trust.signing.find((entry) => entry.key.kid === kid && entry.status !== "revoked");
  if (!found) throw unsigned("An unknown or revoked key.");
  return found;
}

const same = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}
