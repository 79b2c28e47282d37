/** A caller's secret on its way through the server: what prints, logs or serialises it shows nothing. */
export class HeldToken {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }
}
