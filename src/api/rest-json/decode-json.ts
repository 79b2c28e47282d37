import { BerthError, messageOf } from '../../shared/errors.ts';

const depthLimit = 100;

/** The JSON object that a body holds. Throws `validation` with the reason CannotParse. No body at all is an empty object. */
export function decodeJsonObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  if (body.byteLength === 0) return {};
  const value = decodeJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw cannotParse('The request body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

function decodeJson(body: Uint8Array): unknown {
  const text = decodeText(body);
  if (depthOf(text) > depthLimit)
    throw cannotParse(`The request body nests deeper than ${depthLimit} levels.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw cannotParse(`The request body is not valid JSON: ${position(messageOf(error))}`, error);
  }
}

function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw cannotParse('The request body is not valid UTF-8.', error);
  }
}

/** Where the parser stopped, without the piece of the body that it quotes: bodies hold secrets. */
function position(parserMessage: string): string {
  const found = /at position \d+( \(line \d+ column \d+\))?/.exec(parserMessage);
  return found ? `it goes wrong ${found[0]}.` : 'it ends too early or holds an unexpected character.';
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === quote) index = endOfString(text, index);
    else if (character === openBrace || character === openBracket) deepest = Math.max(deepest, (depth += 1));
    else if (character === closeBrace || character === closeBracket) depth -= 1;
  }
  return deepest;
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [
  0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d,
];

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charCodeAt(index) !== quote) {
    index += text.charCodeAt(index) === backslash ? 2 : 1;
  }
  return index;
}

function cannotParse(message: string, cause?: unknown): BerthError {
  return new BerthError('validation', message, { reason: 'CannotParse', cause });
}
