// JSON as strict as section 2 of the protocol wants it. JSON.parse takes the last of two equal names, rounds large
// numbers and can't tell 2.0 from 2, so this is a reader of its own.
import { malformed } from "./refusals.mjs";

const DEEPEST = 16;
const LARGEST = 2n ** 53n;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const STRING = /"((?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/y;
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

// A number that was not written as a whole one.
export class Fraction {
  constructor(value) {
    this.value = value;
  }
  toJSON() {
    return this.value;
  }
}

// Reads one object in UTF-8 and returns it, without a prototype that a name could reach.
export function readObject(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed("The text is not UTF-8.");
  }
  const reader = new Reader(text);
  const value = reader.value(1);
  reader.space();
  if (reader.at !== text.length || !isObject(value)) throw malformed("It is not one JSON object.");
  return value;
}

export const isObject = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Fraction);

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  space() {
    this.match(SPACE);
  }

  eat(letter) {
    this.space();
    if (this.text[this.at] !== letter) return false;
    this.at += 1;
    return true;
  }

  need(letter) {
    if (!this.eat(letter)) throw malformed(`JSON lacks a ${letter}.`);
  }

  value(depth) {
    if (this.eat("{")) return this.object(depth);
    if (this.eat("[")) return this.list(depth);
    for (const [word, value] of [["true", true], ["false", false], ["null", null]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.text[this.at] === '"' ? this.string() : this.number();
  }

  object(depth) {
    this.check(depth);
    const found = Object.create(null);
    if (this.eat("}")) return found;
    do {
      this.space();
      const name = this.string();
      if (name in found) throw malformed(`The name ${name} stands twice.`);
      this.need(":");
      found[name] = this.value(depth + 1);
    } while (this.eat(","));
    this.need("}");
    return found;
  }

  list(depth) {
    this.check(depth);
    const found = [];
    if (this.eat("]")) return found;
    do found.push(this.value(depth + 1));
    while (this.eat(","));
    this.need("]");
    return found;
  }

  check(depth) {
    if (depth > DEEPEST) throw malformed(`More than ${DEEPEST} levels.`);
  }

  string() {
    const found = this.match(STRING);
    if (!found) throw malformed("A text is not JSON.");
    const text = JSON.parse(found[0]);
    if (text.includes("\0") || HALF.test(text)) throw malformed("A text has a NUL or half a surrogate pair in it.");
    return text;
  }

  number() {
    const found = this.match(NUMBER);
    if (!found) throw malformed("A value is not JSON.");
    const [digits, , fraction, exponent] = found;
    if (fraction === undefined && exponent === undefined) {
      const whole = BigInt(digits);
      if (whole > LARGEST || whole < -LARGEST) throw malformed("A number is too large.");
      return Number(whole);
    }
    if (!Number.isFinite(Number(digits))) throw malformed("A number is not finite.");
    return new Fraction(Number(digits));
  }
}
