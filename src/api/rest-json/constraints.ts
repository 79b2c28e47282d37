import type { NumberShape, StringShape } from '../model/service-model.ts';
import type { Problems } from './problems.ts';

/** What every reader of one request shares. `isSecret` is true below a sensitive shape. */
export interface Check {
  readonly problems: Problems;
  readonly patterns: Patterns;
}

/** Patterns longer texts are not run on: some of the model's take quadratic time. */
const patternTextLimit = 8192;

/** The model's patterns, anchored at both ends and compiled once. */
export class Patterns {
  readonly #compiled = new Map<string, RegExp>();

  matches(pattern: string, text: string): boolean {
    if (text.length > patternTextLimit) return false;
    const compiled = this.#compiled.get(pattern) ?? compile(pattern);
    this.#compiled.set(pattern, compiled);
    return compiled.test(text);
  }
}

/** Some patterns of the model hold inner anchors (`a$|^b`); inside a group they still mean the whole text. */
function compile(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'u');
}

/** Checks form, length, enum and pattern of a text; one of a wrong length is not matched against the pattern. */
export function checkText(
  shape: StringShape,
  text: string,
  path: string,
  check: Check,
  isSecret: boolean,
): void {
  // Half of a surrogate pair has no UTF-8: another text would be kept.
  if (!text.isWellFormed()) {
    check.problems.add(path, text, 'Member must be well-formed Unicode', isSecret);
    return;
  }
  if (!checkLength(shape, codePoints(text), text, path, check, isSecret)) return;
  if (shape.enum && !shape.enum.includes(text)) {
    check.problems.add(
      path,
      text,
      `Member must satisfy enum value set: [${shape.enum.join(', ')}]`,
      isSecret,
    );
  }
  if (shape.pattern !== undefined && !check.patterns.matches(shape.pattern, text)) {
    check.problems.add(
      path,
      text,
      `Member must satisfy regular expression pattern: ${shape.pattern}`,
      isSecret,
    );
  }
}

/** Checks the number of characters, items, entries or bytes; returns whether it is in order. */
export function checkLength(
  bounds: { readonly min?: number; readonly max?: number },
  length: number,
  value: unknown,
  path: string,
  check: Check,
  isSecret: boolean,
): boolean {
  const { min = 0, max = Infinity } = bounds;
  if (length > max) {
    check.problems.add(path, value, `Member must have length less than or equal to ${max}`, isSecret);
  } else if (length < min) {
    check.problems.add(path, value, `Member must have length greater than or equal to ${min}`, isSecret);
  }
  return length <= max && length >= min;
}

export function checkNumber(
  shape: NumberShape,
  value: number,
  path: string,
  check: Check,
  isSecret: boolean,
): void {
  const { min = -Infinity, max = Infinity } = shape;
  const isWhole = shape.type === 'integer' || shape.type === 'long';
  const isInRange =
    shape.type === 'integer' ? Math.abs(value) <= 2 ** 31 : !isWhole || Number.isSafeInteger(value);
  if (isWhole && (!Number.isInteger(value) || !isInRange)) {
    check.problems.add(path, value, `Member must be a whole number of type ${shape.type}`, isSecret);
  } else if (value > max) {
    check.problems.add(path, value, `Member must have value less than or equal to ${max}`, isSecret);
  } else if (value < min) {
    check.problems.add(path, value, `Member must have value greater than or equal to ${min}`, isSecret);
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
