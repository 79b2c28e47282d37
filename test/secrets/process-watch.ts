import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecretSearch } from './secret-search.ts';

const intervalMs = 25;
/** A new process may become another program within that many looks. */
const looksAtNew = 20;

/**
 * Looks at the command lines and environments of all processes that begin on the machine. Programs that end within a moment may
 * be missed.
 */
export class ProcessWatch implements AsyncDisposable {
  readonly #search: SecretSearch;
  readonly #home: string;
  readonly #ended = new AbortController();
  readonly #seen = new Set<string>();
  #looks = new Map<string, number>();
  readonly #watching: Promise<void>;
  readonly #own = { session: familyOf('self').session, namespace: readlinkSync('/proc/self/ns/pid') };

  constructor(search: SecretSearch, home: string) {
    this.#search = search;
    this.#home = home;
    this.#watching = this.#watch();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
      this.#looks = new Map(pids.map((pid) => [pid, (this.#looks.get(pid) ?? 0) + 1]));
      for (const [pid, looks] of this.#looks) if (looks <= looksAtNew) this.#look(pid);
      await sleep(intervalMs);
    }
  }

  #look(pid: string): void {
    try {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      if (commandLine === '') return;
      const whose = this.#whose(pid, commandLine);
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      this.#keep(`the command line of ${whose}`, commandLine);
      this.#keep(`the environment of ${whose}`, environment);
    } catch {
      // It has ended.
    }
  }

  #whose(pid: string, commandLine: string): string {
    const { parent, session } = familyOf(pid);
    if (readlinkSync(`/proc/${pid}/ns/pid`) !== this.#own.namespace) return 'a sandbox';
    if (session === this.#own.session) return 'a command of the operator';
    const ofShell = readFileSync(`/proc/${parent}/cmdline`, 'latin1');
    // The server begins as a shell script, which calls a few programs of its own.
    if (this.#isUp(commandLine) || (this.#isUp(ofShell) && ofShell.startsWith('/bin/sh')))
      return 'the server';
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
  }

  #isUp(commandLine: string): boolean {
    return commandLine.includes('\0up\0') && commandLine.includes(this.#home);
  }

  #keep(place: string, text: string): void {
    const seen = `${place}\n${text}`;
    if (this.#seen.has(seen)) return;
    this.#seen.add(seen);
    this.#search.keep(place, text.replaceAll('\0', '\n\n'));
  }
}

/** The fourth field and the sixth; the second, in parentheses, may have blanks. */
function familyOf(pid: string): { readonly parent: string; readonly session: string } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [, parent = '', , session = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent, session };
}
