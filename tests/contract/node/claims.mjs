// The tables of sections 3, 4 and 5: what every claim has to look like. Claims that no table has are passed over.
import { isIP, isIPv6 } from "node:net";
import { Fraction, isObject } from "./strict-json.mjs";
import { malformed } from "./refusals.mjs";

const matching = (pattern) => (value) => typeof value === "string" && pattern.test(value);
const id = matching(/^[A-Za-z0-9_-]{1,128}$/);
const word = matching(/^[a-z0-9][a-z0-9_.-]{0,63}$/);
const digest = matching(/^[A-Za-z0-9_-]{43}$/);
const text = (longest = 1024) => (value) => typeof value === "string" && [...value].length <= longest;
const whole = (least = 0) => (value) => typeof value === "number" && value >= least;
const number = (value) => {
  const found = value instanceof Fraction ? value.value : value;
  return typeof found === "number" && found >= 0 && found <= 2 ** 53;
};
const oneOf = (...words) => (value) => words.includes(value);
const orNull = (rule) => (value) => value === null || rule(value);
const list = (rule, most = 256) => (value) => Array.isArray(value) && value.length <= most && value.every((entry) => rule(entry));
const object = (rules, optional = {}) => (value) =>
  isObject(value) &&
  Object.entries(rules).every(([name, rule]) => name in value && rule(value[name])) &&
  Object.entries(optional).every(([name, rule]) => !(name in value) || rule(value[name]));
const digests = (value) =>
  isObject(value) && Object.keys(value).length <= 32 && Object.entries(value).every(([name, found]) => word(name) && digest(found));

function cidr(value) {
  const parts = typeof value === "string" ? /^([0-9a-fA-F.:]+)\/(0|[1-9][0-9]{0,2})$/.exec(value) : null;
  if (!parts || !isIP(parts[1])) return false;
  const bits = isIPv6(parts[1]) ? 128n : 32n;
  const host = bits - BigInt(parts[2]);
  return host >= 0n && asNumber(parts[1]) % 2n ** host === 0n;
}

function asNumber(address) {
  const joined = (groups, base) => groups.reduce((sum, group) => sum * BigInt(base) + BigInt(group), 0n);
  if (!isIPv6(address)) return joined(address.split("."), 256);
  const plain = address.replace(/[0-9.]+\.[0-9]+$/, (four) => {
    const value = asNumber(four);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [left, right] = plain.split("::").map((half) => half.split(":").filter(Boolean));
  const zeros = right === undefined ? [] : Array(8 - left.length - right.length).fill("0");
  return joined([...left, ...zeros, ...(right ?? [])].map((group) => `0x${group}`), 65536);
}

const LICENCE = object({
  iss: text(), sub: id, act: id, jti: id, seq: whole(1), iat: whole(), exp: whole(), nonce: id, cnf: object({ jkt: id }),
  activated_at: whole(),
  status: oneOf("active", "suspended", "revoked", "expired", "superseded", "deactivated", "refused"),
  reason: orNull(word),
  customer: object({ id, name: text() }),
  product: object({ name: text(), edition: text() }),
  site: text(),
  terms: object({ starts_at: whole(), ends_at: orNull(whole()), grace: whole(), support_ends_at: orNull(whole()) }),
  seats: object({
    model: oneOf("concurrent", "named"), users: whole(), clients: orNull(whole()), service: whole(),
    overdraft: object({ users: whole(), days: whole() }),
  }),
  features: list(word),
  networks: list(cidr),
  fingerprint: object({ components: digests, threshold: whole() }),
  validation: object({ interval: whole(1), refresh_at: whole(), grace: whole() }),
  notices: list(object({ code: word, severity: oneOf("info", "warning", "critical"), text: object({ en: text(), fa: text() }) })),
}, { network_policy: oneOf("enforce", "report") });

const HOST = object({
  name: text(255), os: text(255), agent: text(255), virtualisation: text(255), key: oneOf("file", "tpm", "vtpm"),
});
const ASKING = { iss: id, aud: text(), jti: id, iat: whole(), nonce: id, fingerprint: object({ components: digests }), host: HOST };
const HOLDING = {
  ...ASKING, sub: id, act: id, previous: id, boot: object({ id, uptime: number }),
  events: list(object({ code: word, at: whole(), count: whole(1) })),
};
const HELD = { held: text(65536) };
const USAGE = list(object({ hour: whole(), users: whole(), clients: whole() }, { refused: whole(), waited: whole() }), 744);

const QUARTER = 90 * 86400;
const OUTAGE = object({ iss: text(), jti: id, iat: whole(), from: whole(), until: whole(), extends: whole(1), licences: someOrAll });

function someOrAll(value) {
  return value === "all" || (list(id, 1000)(value) && value.length > 0 && new Set(value).size === value.length);
}

const KEY = object({
  jwk: isObject, status: oneOf("active", "retired", "revoked"), from: whole(), until: orNull(whole()),
});

export const TABLES = {
  "licence+jwt": LICENCE,
  "outage+jwt": (value) =>
    OUTAGE(value) && value.from < value.until && value.until - value.from <= QUARTER && value.extends <= QUARTER,
  "activation-request+jwt": object({ ...ASKING, code: text(64), terms_version: text(64) }),
  "validation-request+jwt": object({ ...HOLDING, usage: USAGE }, { ...HELD, next_key: text(4096) }),
  "device-key+jwt": object({ iss: id, aud: text(), act: id, nonce: id, key: id }),
  "deactivation-request+jwt": object(HOLDING, HELD),
  trust: object({
    typ: oneOf("trust"), iss: text(), version: whole(1), iat: whole(), exp: whole(),
    root: object({ keys: list(isObject, 32), threshold: whole(1) }), signing: list(KEY, 32),
  }),
  envelope: object({ payload: text(65536), signatures: list(object({ protected: text(), signature: text() })) }),
};

export function checkTable(name, claims) {
  if (!TABLES[name](claims)) throw malformed(`The claims are not those of ${name}.`);
}
