import { CommandFailure, runCommand } from '../run-command.ts';

/** What a sandbox with an allow-list has open in the kernel: what names opened, and connections that outlive that. */
export interface OpenedElement {
  readonly set: string;
  /** As nft writes it: `source . target` and, in some sets, ` . port`. */
  readonly key: string;
  readonly source: string;
  readonly target: string;
  readonly port: number | undefined;
  /** Milliseconds until it ends by itself. */
  readonly leftMs: number;
}

const sets = ['resolved', 'resolved_ports', 'flows'];

/** Nothing when there is no such table. */
export async function readOpened(table: string): Promise<readonly OpenedElement[]> {
  const found: OpenedElement[] = [];
  for (const set of sets) {
    try {
      found.push(...parseElements(set, await runCommand('nft', ['list', 'set', 'inet', table, set])));
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
    }
  }
  return found;
}

const element =
  /(\d+\.\d+\.\d+\.\d+) \. (\d+\.\d+\.\d+\.\d+)(?: \. (\d+))?(?: timeout \w+)?(?: expires (\w+))?/g;

function parseElements(set: string, text: string): readonly OpenedElement[] {
  return [...text.matchAll(element)].map(([, source = '', target = '', port, left = '']) => ({
    set,
    key: [source, target, ...(port === undefined ? [] : [port])].join(' . '),
    source,
    target,
    port: port === undefined ? undefined : Number(port),
    leftMs: parseDuration(left),
  }));
}

const unitMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** As nft writes it, such as `1h2m3s400ms`. */
function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[dhms])/g)];
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (unitMs[unit] ?? 0), 0);
}
