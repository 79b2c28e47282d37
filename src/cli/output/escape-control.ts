/**
 * Makes text of an agent harmless on a terminal: every control character but the line break and the tab is shown as an
 * escape, so that a log line can neither move the cursor, nor set the title, nor answer for the user.
 */
export function escapeControl(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (char) => {
      const code = char.charCodeAt(0);
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
    },
  );
}
