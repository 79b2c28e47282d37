const escape = /\\(?:u00([0-9a-f]{2})|x([0-9a-f]{2})|[rn]|(["'\\/]))|%([0-9a-f]{2})|[\r\n][ \t]*/gi;
/** An escape in a string in a string in a string. */
const deepest = 3;

/** The text with its escapes of JSON and URLs resolved and its lines joined; undefined when there are none, or these are no text. */
export function unescaped(bytes: Buffer): Buffer | undefined {
  if (bytes.includes(0)) return undefined;
  const text = bytes.toString('latin1');
  let plain = text;
  for (let depth = 0, before = ''; depth < deepest && plain !== before; depth += 1) {
    before = plain;
    plain = before.replaceAll(escape, resolved);
  }
  return plain === text ? undefined : Buffer.from(plain, 'latin1');
}

function resolved(_escape: string, inJson = '', inString = '', itself = '', inUrl = ''): string {
  const hex = inJson + inString + inUrl;
  return hex === '' ? itself : String.fromCharCode(Number.parseInt(hex, 16));
}
