// Reads the QR codes of a request, with the camera or off pictures, into the box for its text. No picture is sent.

import { Collection, readerOfCodes, textsIn } from "./codes.js";

const scan = document.querySelector("[data-scan]");
const [start, stop] = scan.querySelectorAll("button");
const view = scan.querySelector("[data-view]");
const video = scan.querySelector("video");
const pictures = scan.querySelector("input");
const said = scan.querySelector("[role=status]");
const form = scan.closest("form");

const PAUSE = 60; // milliseconds from one look to the next

const numbers = new Intl.NumberFormat(document.documentElement.lang);
const lists = new Intl.ListFormat(document.documentElement.lang, { type: "unit" });
let stream = null;
let found = new Collection();

function sentence(name, words = {}) {
  const template = scan.querySelector(`[data-said=${name}]`) ?? scan.querySelector("[data-said=other]");
  return template.content.textContent.trim().replace(/\{(\w+)\}/g, (_, word) => words[word]);
}

function say(...sentences) {
  const text = sentences.filter(Boolean).join(" ");
  if (said.textContent !== text) said.textContent = text; // said again, it would be read out again
}

function close() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  view.hidden = true;
  start.hidden = false;
}

// Takes a text off a code; returns what there is to say of it, and whether a document is whole with it.
function take(text) {
  const { state, texts, read, count, missing } = found.take(text);
  if (state === "whole") return { isWhole: true, heard: finish(texts) };
  if (state !== "progress" && state !== "another") return { heard: state && sentence(state) };
  const list = lists.format(missing.map((each) => numbers.format(each)));
  return { heard: sentence(state, { read: numbers.format(read), count: numbers.format(count), missing: list }) };
}

function finish(texts) {
  close();
  found = new Collection();
  form.elements.request.value = texts.join("\n");
  form.elements.file.value = ""; // it would go before the text
  form.querySelector("[type=submit]").focus();
  return sentence("whole");
}

async function look() {
  found = new Collection();
  say(sentence("looking"));
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
  const reader = await readerOfCodes();
  while (stream === mine) {
    for (const code of await reader.detect(video)) {
      const { heard } = stream === mine ? take(code.rawValue) : {};
      if (heard) say(heard);
    }
    await new Promise((next) => setTimeout(next, PAUSE));
  }
}

// Each refusal of the browser's has its sentence in the page, under the name that the specification gives it.
start.addEventListener("click", () => look().catch((error) => {
  if (view.hidden) return; // stopped
  close();
  say(sentence(error.name));
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

// Reads all codes off pictures; what was read off those before is kept, since there may be one code in each.
async function open(files) {
  close();
  say(sentence("opening"));
  const reader = await readerOfCodes();
  const unread = [];
  let last = "";
  for (const file of files) {
    const texts = await textsIn(reader, file).catch(() => []); // it is no picture
    if (texts.length === 0) unread.push(`\u2068${file.name}\u2069`);
    for (const text of texts) {
      const { isWhole, heard } = take(text);
      if (isWhole) return say(heard);
      last = heard || last;
    }
  }
  say(last, unread.length > 0 && sentence("unread", { names: lists.format(unread) }));
}

// Pictures may be chosen, or dropped, where a request's file is wanted.
for (const box of [pictures, form.elements.file]) {
  box.addEventListener("change", async () => {
    const files = [...box.files].filter((file) => box === pictures || file.type.startsWith("image/"));
    if (files.length === 0) return;
    box.disabled = true;
    await open(files);
    box.disabled = false;
    box.value = ""; // so that the same can be chosen again
    if (document.activeElement === document.body) box.focus(); // what is disabled loses it
  });
}
scan.hidden = false;
