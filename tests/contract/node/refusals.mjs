// A refusal: a word of the protocol and a sentence.
export class Refusal extends Error {
  constructor(word, sentence) {
    super(sentence);
    this.word = word;
  }
}

export const malformed = (sentence) => new Refusal("malformed", sentence);
export const unsigned = (sentence) => new Refusal("signature-invalid", sentence);
