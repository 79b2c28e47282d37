import { escapeControls } from '../shared/escape-controls.ts';

const marks: Readonly<Record<string, string>> = {
  debug: 'debug',
  info: 'info ',
  warn: 'WARN ',
  error: 'ERROR',
};

/** One JSON log line as a line for people: time, level, message, then the fields; a stack below it. */
export function formatLogLine(json: string): string {
  const { time, level, message, error, ...fields } = JSON.parse(json) as LogLine;
  const details = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
  const reason =
    error === undefined ? [] : [`error=${shown(typeof error === 'string' ? error : (error.message ?? ''))}`];
  const line = [time?.slice(11, 23), marks[level ?? ''] ?? level, message, ...details, ...reason].join(' ');
  const isBug = level === 'error' && typeof error === 'object' && error.stack !== undefined;
  return isBug ? `${line}\n${error.stack}\n` : `${line}\n`;
}

/** What the logger writes. */
interface LogLine {
  readonly time?: string;
  readonly level?: string;
  readonly message?: string;
  readonly error?: string | { readonly message?: string; readonly stack?: string };
  readonly [field: string]: unknown;
}

/** Values may come from agents and callers: nothing of them may steer a terminal. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\x21-\x7e]+$/.test(text) ? text : JSON.stringify(escapeControls(text));
}
