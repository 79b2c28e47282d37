import type { IncomingHttpHeaders } from 'node:http';
import { AgentFailure } from './answer-handler.ts';

export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** How long the body is: bytes, in chunks, or until the connection closes. */
  readonly framing: number | 'chunked' | 'until-close';
  /** The agent lets the connection be used again. */
  readonly isKeptOpen: boolean;
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\0\r\n]*)?$/;
/** Without control characters, which Node would not send on. */
const headerLine = /^([!#$%&'*+.^`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;

/**
 * Reads the head of an HTTP/1.1 answer (RFC 9112), given without its empty line, one character per byte. Throws `not-http` for what
 * two readers could read differently: folded lines, bare line ends, lengths that contradict each other, codings besides chunked.
 */
export function readAnswerHead(text: string): AnswerHead {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, statusText] = statusLine.exec(first) ?? refuse('a status line');
  const status = Number(statusText);
  const headers: IncomingHttpHeaders = {};
  for (const line of lines) {
    const [, name = '', value = ''] = headerLine.exec(line) ?? refuse('a header line');
    add(headers, name.toLowerCase(), value.trimEnd());
  }
  const connection = (headers.connection ?? '').toLowerCase();
  const isKeptOpen = minor === '1' ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
  return { status, headers, framing: framingOf(status, headers), isKeptOpen };
}

/** Joined as HTTP says (RFC 9110, 5.3); cookies stay apart. */
function add(headers: IncomingHttpHeaders, name: string, value: string): void {
  if (name === 'set-cookie') {
    (headers[name] ??= []).push(value);
    return;
  }
  // As Node has it: no name reaches the prototype.
  if (name === '__proto__') return;
  const known = headers[name];
  if (known === undefined) headers[name] = value;
  else if (name === 'content-length') refuse('one Content-Length');
  else headers[name] = `${String(known)}, ${value}`;
}

function framingOf(status: number, headers: IncomingHttpHeaders): AnswerHead['framing'] {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  if (status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) {
    if (length !== undefined || coding.toLowerCase() !== 'chunked') refuse('chunked alone');
    return 'chunked';
  }
  if (length === undefined) return 'until-close';
  if (!/^\d{1,15}$/.test(length)) refuse('a Content-Length in digits');
  return Number(length);
}

function refuse(expected: string): never {
  throw new AgentFailure('not-http', `The agent's answer is not HTTP/1.1: expected ${expected}.`);
}
