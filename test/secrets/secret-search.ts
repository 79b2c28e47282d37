import { type Find, SecretScanner } from './secret-scanner.ts';

/** A secret that is at a place for a reason, which the documentation gives. */
export interface DocumentedPlace {
  readonly secret: string;
  readonly place: RegExp;
}

/** What a whole run has shown of its secrets, and where. */
export class SecretSearch {
  readonly #scanner = new SecretScanner();
  readonly #marks = new Set<string>();
  readonly #kept: { readonly place: string; readonly bytes: Buffer }[] = [];
  readonly #finds = new Map<string, Find & { readonly place: string }>();

  /** It may be nowhere. Answers what it is given. */
  secret<Secret extends string | Uint8Array>(name: string, secret: Secret): Secret {
    const [, payload, signature] =
      /^(?:(?:ey[\w-]+|berth-role)\.)?([\w-]+)\.([\w-]+)$/.exec(String(secret)) ?? [];
    if (payload === undefined || signature === undefined) this.#scanner.add(name, secret);
    else {
      // Of a signed token the header or prefix is everybody's, and parts of the payload are other tokens', too.
      this.#scanner.add(name, signature);
      this.#scanner.addWhole(name, payload);
    }
    return secret;
  }

  /** What is no secret, but is to be found like one wherever it is: where it is not found, nobody looked. */
  mark(name: string, text: string): string {
    this.#marks.add(name);
    this.#scanner.add(name, text);
    return text;
  }

  /** To be looked at in the end, also for secrets that are known by then only. */
  keep(place: string, bytes: Buffer | string): void {
    this.#kept.push({ place, bytes: Buffer.from(bytes as string) });
  }

  searchFile(place: string, path: string): void {
    this.#note(place, this.#scanner.scanFile(path));
  }

  searchKept(): void {
    for (const { place, bytes } of this.#kept.splice(0)) this.#note(place, this.#scanner.scan(bytes));
  }

  /** Secrets that were found where the documentation does not have them. */
  leaks(documented: readonly DocumentedPlace[]): readonly string[] {
    const isDocumented = (found: { readonly name: string; readonly place: string }) =>
      documented.some(({ secret, place }) => secret === found.name && place.test(found.place));
    return [...this.#finds.values()]
      .filter((found) => !this.#marks.has(found.name) && !isDocumented(found))
      .map(({ name, form, place }) => `${name} (${form}) in ${place}`);
  }

  /** Places of the documentation where nothing was found. */
  unused(documented: readonly DocumentedPlace[]): readonly DocumentedPlace[] {
    const finds = [...this.#finds.values()];
    return documented.filter(
      ({ secret, place }) => !finds.some((found) => secret === found.name && place.test(found.place)),
    );
  }

  /** Whether the mark was found at such a place. */
  hasSeen(mark: string, place: RegExp): boolean {
    return [...this.#finds.values()].some((found) => found.name === mark && place.test(found.place));
  }

  #note(place: string, finds: readonly Find[]): void {
    for (const find of finds) this.#finds.set(`${find.name} ${find.form} ${place}`, { ...find, place });
  }
}
