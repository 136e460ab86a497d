// QR codes of what is carried: read off whatever has pixels, and put together.

const PART = /^LIC:([1-9]\d?)\/([1-9]\d?):([\w-]{11}):[!-~]+$/; // as docs/protocol.md has it
const WHOLE = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;
const MOST_PIXELS = 16e6; // more than that some telephones draw on no canvas

// Returns the browser's own reader of QR codes, else one in plain JavaScript.
export async function readerOfCodes() {
  const known = await window.BarcodeDetector?.getSupportedFormats();
  const Detector = known?.includes("qr_code") ? BarcodeDetector : (await import("./vendor/qr.js")).BarcodeDetector;
  return new Detector({ formats: ["qr_code"] });
}

// Returns the texts of all codes in a picture. Readers that see one at a time see the next once that is painted over.
// Throws InvalidStateError, as createImageBitmap does: the file is no picture.
export async function textsIn(reader, file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (picture.width * picture.height)));
  const canvas = Object.assign(document.createElement("canvas"), {
    width: Math.ceil(picture.width * scale), height: Math.ceil(picture.height * scale),
  });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  brush.fillStyle = "#fff"; // what is transparent in a picture is paper
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const texts = new Set();
  for (let before = -1; texts.size > before;) {
    before = texts.size;
    for (const { rawValue, cornerPoints } of await reader.detect(canvas)) {
      texts.add(rawValue);
      brush.beginPath();
      cornerPoints.forEach(({ x, y }) => brush.lineTo(x, y));
      brush.fill();
    }
  }
  return [...texts];
}

// What was read up to now.
export class Collection {
  #found = new Map(); // texts by their number, by the document that they are of

  // Returns what a text makes of it: its `state`, and how many were read; when it is "whole", the texts of a document.
  take(text) {
    if (WHOLE.test(text)) return { state: "whole", texts: [text] };
    const part = PART.exec(text);
    if (!part) return { state: this.#found.size === 0 && "foreign" }; // later there may be others beside ours
    const [, number, count, digest] = part;
    const series = `${digest}/${count}`;
    if (!this.#found.has(series)) this.#found.set(series, new Map());
    const parts = this.#found.get(series).set(Number(number), text);
    const missing = Array.from({ length: count }, (_, index) => index + 1).filter((each) => !parts.has(each));
    if (missing.length === 0) return { state: "whole", texts: [...parts.values()] };
    return { state: this.#found.size === 1 ? "progress" : "another", read: count - missing.length, count, missing };
  }
}
