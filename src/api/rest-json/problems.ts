import { BerthError, type FieldProblem } from '../../shared/errors.ts';

const problemLimit = 50;
const shownLength = 200;
/** User name and password in a URL. */
const logins = /\/\/[^/?#@\s]+@/g;

/** Collects what is wrong with one request, so that the caller learns all of it at once. */
export class Problems {
  readonly #fields: FieldProblem[] = [];
  #count = 0;

  /** `constraint` reads like "Member must not be null". `isSecret` keeps the value out of the message. */
  add(path: string, value: unknown, constraint: string, isSecret = false): void {
    this.#count += 1;
    if (this.#fields.length >= problemLimit) return;
    const message = `${isSecret ? 'Value' : `Value ${shown(value)}`} at '${path}' failed to satisfy constraint: ${constraint}`;
    this.#fields.push({ name: path, message });
  }

  /** Throws one `validation` with all that was found, if anything was. */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const head = `${this.#count} validation error${this.#count === 1 ? '' : 's'} detected: `;
    throw new BerthError('validation', head + this.#fields.map((field) => field.message).join('; '), {
      reason: 'FieldValidationFailed',
      fields: this.#fields,
    });
  }
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  const given = typeof value === 'string' ? value : JSON.stringify(value);
  const text = given.replaceAll(logins, '//[redacted]@');
  return `'${text.length > shownLength ? `${text.slice(0, shownLength)}...` : text}'`;
}
