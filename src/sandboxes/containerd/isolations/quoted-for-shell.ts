/** As one word of a POSIX shell, whatever is in it. */
export function quotedForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
