/** One line of a hosts file. */
export interface HostsEntry {
  readonly address: string;
  readonly name: string;
}

const begin = '# BEGIN berth: host names of AWS that lead to Berth (berth trust)';
const end = '# END berth';

/**
 * The text of a hosts file with these entries in place of those that were there, or at its end, between two lines that mark
 * them as Berth's. Without entries it is the text of before the first ones, byte for byte. Throws `RangeError` when one of the
 * two lines is missing.
 */
export function withHostsEntries(text: string, entries: readonly HostsEntry[]): string {
  const found = findBlock(text);
  if (entries.length === 0) {
    if (found === undefined) return text;
    // A block without a line end at the end of the file has taken the place of a last line without one.
    const start = text.endsWith('\n') || found.end < text.length ? found.start : found.start - 1;
    return text.slice(0, Math.max(0, start)) + text.slice(found.end);
  }
  const lines = [begin, ...entries.map(({ address, name }) => `${address}\t${name}`), end].join('\n');
  if (found !== undefined) {
    const lineEnd = text[found.end - 1] === '\n' ? '\n' : '';
    return text.slice(0, found.start) + lines + lineEnd + text.slice(found.end);
  }
  return text === '' || text.endsWith('\n') ? `${text}${lines}\n` : `${text}\n${lines}`;
}

/** Berth's entries in the text of a hosts file. */
export function readHostsEntries(text: string): readonly HostsEntry[] {
  const found = findBlock(text);
  return found === undefined ? [] : entriesOf(text.slice(found.start, found.end));
}

/** Those of others. */
export function readOtherEntries(text: string): readonly HostsEntry[] {
  const found = findBlock(text);
  return entriesOf(found === undefined ? text : text.slice(0, found.start) + text.slice(found.end));
}

function entriesOf(text: string): readonly HostsEntry[] {
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return names.map((name) => ({ address, name }));
  });
}

function findBlock(text: string): { readonly start: number; readonly end: number } | undefined {
  const start = lineAt(text, begin, 0);
  const last = lineAt(text, end, start ?? 0);
  if (start === undefined && last === undefined) return undefined;
  if (start === undefined || last === undefined)
    throw new RangeError(`has a line '${start === undefined ? end : begin}' without its partner`);
  const next = last + end.length;
  return { start, end: text[next] === '\n' ? next + 1 : next };
}

/** Where a whole line with this text begins. */
function lineAt(text: string, line: string, from: number): number | undefined {
  for (let at = text.indexOf(line, from); at >= 0; at = text.indexOf(line, at + 1)) {
    const before = at === 0 ? '\n' : text[at - 1];
    const after = text[at + line.length] ?? '\n';
    if (before === '\n' && after === '\n') return at;
  }
  return undefined;
}
