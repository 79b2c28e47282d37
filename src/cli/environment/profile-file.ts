/** The text of an AWS configuration file, edited by section; every other line stays as it is. */
export interface ProfileFile {
  has(section: string): boolean;
  /** The value of a key that stands directly in the section. */
  get(section: string, key: string): string | undefined;
  /** Replaces the section's lines, or adds it at the end. Comments and blank lines that follow it stay. */
  replace(section: string, lines: readonly string[]): ProfileFile;
  /** Sets keys in the section, leaving its others; adds it when it is not there. */
  set(section: string, values: Readonly<Record<string, string>>): ProfileFile;
  toString(): string;
}

export function parseProfileFile(text: string): ProfileFile {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');

  function find(section: string): { start: number; end: number } | undefined {
    const start = lines.findIndex((line) => headerOf(line) === section);
    if (start < 0) return undefined;
    const next = lines.findIndex((line, index) => index > start && headerOf(line) !== undefined);
    let end = next < 0 ? lines.length : next;
    while (end > start + 1 && /^\s*([#;].*)?$/.test(lines[end - 1] ?? '')) end -= 1;
    return { start, end };
  }

  function replace(section: string, body: readonly string[]): ProfileFile {
    const found = find(section);
    if (found !== undefined) {
      return parseProfileFile(join([...lines.slice(0, found.start + 1), ...body, ...lines.slice(found.end)]));
    }
    const gap = lines.length > 0 && lines.at(-1)?.trim() !== '' ? [''] : [];
    return parseProfileFile(join([...lines, ...gap, `[${section}]`, ...body]));
  }

  function bodyOf(section: string): string[] {
    const found = find(section);
    return found === undefined ? [] : lines.slice(found.start + 1, found.end);
  }

  return {
    has: (section) => find(section) !== undefined,
    get: (section, key) =>
      bodyOf(section)
        .map((line) => /^(\w+)\s*=\s*(.*?)\s*$/.exec(line))
        .find((match) => match?.[1] === key)?.[2],
    replace,
    set(section, values) {
      const body = bodyOf(section);
      for (const [key, value] of Object.entries(values)) {
        const index = body.findIndex((line) => new RegExp(String.raw`^${key}\s*=`).test(line));
        body.splice(index < 0 ? body.length : index, index < 0 ? 0 : 1, `${key} = ${value}`);
      }
      return replace(section, body);
    },
    toString: () => join(lines),
  };
}

function headerOf(line: string): string | undefined {
  return /^\[\s*([^\]]*?)\s*\]/.exec(line)?.[1]?.replace(/\s+/g, ' ');
}

function join(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
