// Section 2: keys and compact JWS. The signatures are npm's jose; what the protocol allows of a JWS stands here.
import * as jose from "jose";
import { isObject, readObject } from "./strict-json.mjs";
import { malformed, Refusal, unsigned } from "./refusals.mjs";

export const LARGEST = 65536;
const MEMBERS = { OKP: ["crv", "kty", "x"], EC: ["crv", "kty", "x", "y"] };
const ALGORITHMS = { OKP: ["EdDSA", "Ed25519"], EC: ["ES256"] };
const P = 2n ** 255n - 19n;
const ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
const SMALL_ORDER = new Set([0n, 1n, P - 1n, P, P + 1n, ORDER_8, P - ORDER_8]);

export function strip(bytes) {
  let [start, end] = [0, bytes.length];
  const isSpace = (byte) => [0x20, 0x09, 0x0a, 0x0d].includes(byte);
  while (start < end && isSpace(bytes[start])) start += 1;
  while (end > start && isSpace(bytes[end - 1])) end -= 1;
  return bytes.subarray(start, end);
}

export function checkSize(bytes) {
  if (bytes.length > LARGEST) throw new Refusal("too-large", `${bytes.length} bytes are too many.`);
}

export function decode(part) {
  const raw = Buffer.from(part, "base64url");
  if (part === "" || raw.toString("base64url") !== part) throw malformed("A part is not canonical base64url.");
  return raw;
}

// A key, its thumbprint and its algorithms.
export async function readKey(jwk) {
  const isKnown = isObject(jwk) && typeof jwk.kty === "string" && Object.hasOwn(MEMBERS, jwk.kty);
  if (!isKnown) throw malformed("No key of a kind that is used.");
  const [members, curve] = [MEMBERS[jwk.kty], { OKP: "Ed25519", EC: "P-256" }[jwk.kty]];
  if (Object.keys(jwk).sort().join() !== members.join() || jwk.crv !== curve) throw malformed("Other members, or another curve.");
  for (const name of members.slice(2)) {
    if (typeof jwk[name] !== "string" || decode(jwk[name]).length !== 32) throw malformed("A coordinate is not 32 bytes.");
  }
  if (jwk.kty === "OKP" && SMALL_ORDER.has(yOf(decode(jwk.x)))) throw malformed("A point of small order.");
  let half;
  try {
    half = await jose.importJWK({ ...jwk }, ALGORITHMS[jwk.kty][0]);
  } catch {
    throw malformed("The key is no point of its curve.");
  }
  return { half, kid: await jose.calculateJwkThumbprint({ ...jwk }), algorithms: ALGORITHMS[jwk.kty] };
}

function yOf(raw) {
  const bytes = Buffer.from(raw).reverse();
  bytes[0] &= 0x7f;
  return BigInt(`0x${bytes.toString("hex")}`);
}

// The header of a document of one type: exactly alg, typ and one of kid and jwk.
export function readHeader(bytes, type) {
  checkSize(bytes);
  const parts = bytes.toString("latin1").split(".");
  if (parts.length !== 3) throw malformed("Not three parts.");
  const header = readObject(decode(parts[0]));
  if (header.typ !== type) throw malformed(`Not of the type ${type}.`);
  if (!["alg,jwk,typ", "alg,kid,typ"].includes(Object.keys(header).sort().join())) throw malformed("Another header.");
  if ("kid" in header && !(typeof header.kid === "string" && /^[A-Za-z0-9_-]{1,128}$/.test(header.kid))) throw malformed("No kid.");
  return header;
}

// Verifies under one key and returns the claims.
export async function verify(bytes, header, key) {
  if (!key.algorithms.includes(header.alg)) throw unsigned("Not the key's algorithm.");
  const compact = bytes.toString("latin1");
  decode(compact.split(".")[2]);
  try {
    await jose.compactVerify(compact, key.half, { algorithms: key.algorithms });
  } catch {
    throw unsigned("The signature does not fit.");
  }
  return readObject(decode(compact.split(".")[1]));
}
