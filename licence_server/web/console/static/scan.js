// Reads the QR codes of a request with the camera, into the box for its text. Whoever looks then sends the form.

const scan = document.querySelector("[data-scan]");
const [start, stop] = scan.querySelectorAll("button");
const view = scan.querySelector("[data-view]");
const video = scan.querySelector("video");
const said = scan.querySelector("[role=status]");
const form = scan.closest("form");

const PART = /^LIC:([1-9]\d?)\/([1-9]\d?):([\w-]{11}):[!-~]+$/; // as docs/protocol.md has it
const WHOLE = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;
const PAUSE = 60; // milliseconds from one look to the next

const numbers = new Intl.NumberFormat(document.documentElement.lang);
const lists = new Intl.ListFormat(document.documentElement.lang, { type: "unit" });
let stream = null;
let found = new Map(); // texts by their number, by the document that they are of

function say(name, words = {}) {
  const sentence = scan.querySelector(`[data-said=${name}]`) ?? scan.querySelector("[data-said=other]");
  const text = sentence.content.textContent.trim().replace(/\{(\w+)\}/g, (_, word) => words[word]);
  if (said.textContent !== text) said.textContent = text; // said again, it would be read out again
}

function close() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  view.hidden = true;
  start.hidden = false;
}

function finish(texts) {
  close();
  form.elements.request.value = texts.join("\n");
  say("whole");
  form.querySelector("[type=submit]").focus();
}

function take(text) {
  const part = PART.exec(text);
  if (WHOLE.test(text)) return finish([text]);
  if (!part) return found.size === 0 && say("foreign"); // later there may be others beside ours
  const [, number, count, digest] = part;
  const series = `${digest}/${count}`;
  if (!found.has(series)) found.set(series, new Map());
  const parts = found.get(series).set(Number(number), text);
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((each) => !parts.has(each));
  if (missing.length === 0) return finish([...parts.values()]);
  const words = [count - missing.length, count].map((each) => numbers.format(each));
  say("progress", { read: words[0], count: words[1], missing: lists.format(missing.map((each) => numbers.format(each))) });
}

async function detector() {
  const known = await window.BarcodeDetector?.getSupportedFormats();
  const Detector = known?.includes("qr_code") ? BarcodeDetector : (await import("./vendor/qr.js")).BarcodeDetector;
  return new Detector({ formats: ["qr_code"] });
}

async function look() {
  found = new Map();
  say("looking");
  start.hidden = true;
  view.hidden = false;
  stop.focus();
  if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
  const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
  const mine = await navigator.mediaDevices.getUserMedia({ video: wanted });
  stream = mine;
  if (view.hidden) return close(); // stopped while the browser asked
  video.srcObject = mine;
  await video.play();
  const reader = await detector();
  while (stream === mine) {
    for (const code of await reader.detect(video)) if (stream === mine) take(code.rawValue);
    await new Promise((next) => setTimeout(next, PAUSE));
  }
}

// Each refusal of the browser's has its sentence in the page, under the name that the specification gives it.
start.addEventListener("click", () => look().catch((error) => {
  if (view.hidden) return; // stopped
  close();
  say(error.name);
  start.focus();
}));
function leave() {
  if (view.hidden) return;
  close();
  said.textContent = "";
  start.focus();
}
stop.addEventListener("click", leave);
document.addEventListener("visibilitychange", () => document.hidden && leave());
scan.hidden = false;
