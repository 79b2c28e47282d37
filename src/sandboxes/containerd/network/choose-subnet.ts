import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { BerthError } from '../../../shared/errors.ts';
import { runCommand } from '../run-command.ts';
import type { Ipv4Range } from './ipv4.ts';
import { formatRange, overlaps, parseRange, requireRange, sizeOf } from './ipv4.ts';

export interface SubnetWish {
  readonly home: string;
  readonly serverTag: string;
  /** From the configuration; undefined to choose. */
  readonly configured: string | undefined;
  /** Of this server: what they reach is its own. The first one has the whole subnet. */
  readonly bridges: readonly string[];
}

const pool: Ipv4Range = { base: 0x0ad5_0000, prefix: 16 };
/** Room for 4,000 sandboxes, or for 1,000 when so much is not free. */
const chosenPrefixes = [20, 22];

/**
 * The range of this server's bridges: the one it already has, else the configured one, else the one remembered in the
 * home, else a free /20 of 10.213.0.0/16, else a free /22.
 */
export async function chooseSubnet({ home, serverTag, configured, bridges }: SubnetWish): Promise<Ipv4Range> {
  const wish = configured === undefined ? undefined : requireSubnet(configured);
  const routes = await readRoutes();
  const present = routes.find((route) => route.device === bridges[0] && route.range.prefix < 32)?.range;
  if (present !== undefined && (wish === undefined || formatRange(wish) === formatRange(present))) {
    await remember(home, present);
    return present;
  }
  const taken = routes.filter((route) => !bridges.includes(route.device));
  if (wish !== undefined) {
    requireFree(wish, taken);
    await remember(home, wish);
    return wish;
  }
  const free = [await recall(home), ...candidates(serverTag)].find(
    (range) => range !== undefined && !taken.some((route) => overlaps(route.range, range)),
  );
  if (free === undefined) {
    throw new BerthError(
      'unavailable',
      `No range of ${formatRange(pool)} is free; set BERTH_SUBNET to one that is.`,
    );
  }
  await remember(home, free);
  return free;
}

/** What the kernel already reaches, by device. The default route overlaps everything and says nothing. */
export interface Route {
  readonly range: Ipv4Range;
  readonly device: string;
}

export async function readRoutes(): Promise<readonly Route[]> {
  const lines = (await runCommand('ip', ['-4', '-o', 'route', 'show', 'table', 'all'])).split('\n');
  return lines.flatMap((line) => {
    const words = line.split(' ').filter((word) => word !== '');
    const target = words.find((word) => parseRange(word) !== undefined);
    const range = target === undefined || words.includes('default') ? undefined : parseRange(target);
    return range === undefined || range.prefix === 0
      ? []
      : [{ range, device: words[words.indexOf('dev') + 1] ?? '' }];
  });
}

function requireSubnet(text: string): Ipv4Range {
  const range = requireRange('BERTH_SUBNET', text);
  if (range.prefix < 16 || range.prefix > 28) {
    throw new BerthError('validation', `BERTH_SUBNET: "${text}" must have a prefix from /16 to /28.`);
  }
  return range;
}

function requireFree(range: Ipv4Range, taken: readonly Route[]): void {
  const clash = taken.find((route) => overlaps(route.range, range));
  if (clash === undefined) return;
  throw new BerthError(
    'validation',
    `BERTH_SUBNET: ${formatRange(range)} overlaps ${formatRange(clash.range)}, which this machine reaches through ${clash.device}. Choose a free range.`,
  );
}

/** Every range of the wanted sizes, beginning where the server's tag says, so that servers on one machine rarely want the same. */
function candidates(serverTag: string): readonly Ipv4Range[] {
  return chosenPrefixes.flatMap((prefix) => {
    const count = 2 ** (prefix - pool.prefix);
    const first = Number.parseInt(serverTag, 16) % count;
    return Array.from({ length: count }, (_, i) => ({
      base: pool.base + ((first + i) % count) * sizeOf(prefix),
      prefix,
    }));
  });
}

function memoryFile(home: string): string {
  return join(home, 'network', 'subnet');
}

async function recall(home: string): Promise<Ipv4Range | undefined> {
  try {
    return parseRange((await readFile(memoryFile(home), 'utf8')).trim());
  } catch {
    return undefined;
  }
}

async function remember(home: string, range: Ipv4Range): Promise<void> {
  const file = memoryFile(home);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${formatRange(range)}\n`);
  await rename(`${file}.new`, file);
}
