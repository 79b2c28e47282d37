import { writeSync } from 'node:fs';

/** What a server's log goes to. A line that cannot be written (full disk, reader gone) is counted and never ends the server. */
export function stderrOutput(
  isTTY: boolean,
  write: (text: string) => void = (text) => void writeSync(2, text),
): { readonly isTTY: boolean; write(line: string): boolean } {
  let lostLines = 0;
  return {
    isTTY,
    write(line) {
      try {
        write(lostLines === 0 ? line : `${lostMark(lostLines)}\n${line}`);
        lostLines = 0;
        return true;
      } catch {
        lostLines += 1;
        return false;
      }
    },
  };
}

function lostMark(count: number): string {
  return JSON.stringify({ level: 'warn', message: 'log lines were lost', count });
}
