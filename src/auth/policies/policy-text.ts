import { PolicyProblem } from './condition.ts';

/** One text, or a list of some. */
export function readTexts(given: unknown, what: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
  if (list.length === 0 || !list.every(isText))
    throw new PolicyProblem(`${what} must be text, or a list of texts, and must be there.`);
  return list;
}

/** For messages. */
export function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
