import type { Load } from '../client/load.ts';
import { type Column, formatTable } from './format-table.ts';
import { formatAge, formatSize } from './format-time.ts';

type Session = Load['sessions'][number];
type Pool = Load['pools'][number];

/** For people; processor use is what was taken since `before`. */
export function formatLoad(load: Load, before: Load, isTTY: boolean): string {
  const { machine, disk, starts, sessions, pools } = load;
  const counts = new Map<string, number>();
  for (const { state } of sessions) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  const queues = starts.queues.map(({ runtimeId, waiting }) => `${runtimeId} ${waiting}`).join(', ');
  const lines = [
    `machine   ${machine.cpus} processors, load ${machine.loadAverage.toFixed(1)}; ${formatSize(machine.availableBytes)} of ${formatSize(machine.memoryBytes)} available`,
    ...(disk === undefined ? [] : [`disk      ${describeDisk(disk)}`]),
    `sessions  ${sessions.length}${states === '' ? '' : `: ${states}`}`,
    `starts    ${starts.inFlight} of ${starts.limit} under way; ${starts.waiting} waiting${queues === '' ? '' : `: ${queues}`}`,
  ];
  const cpuBefore = new Map(before.sessions.map(({ sandboxId, cpuMs }) => [sandboxId, cpuMs]));
  const passedMs = load.atMs - before.atMs;
  const cpu = ({ sandboxId, cpuMs }: Session) => {
    const then = cpuBefore.get(sandboxId);
    if (then === undefined || cpuMs === undefined || passedMs <= 0) return undefined;
    return `${Math.max(0, Math.round(((cpuMs - then) / passedMs) * 100))} %`;
  };
  const columns: readonly Column<Session>[] = [
    ['SESSION', ({ id }) => id],
    ['RUNTIME', ({ runtimeId }) => runtimeId],
    ['VERSION', ({ version }) => version],
    ['STATE', ({ state }) => state],
    ['CALLS', ({ calls }) => calls],
    ['CPU', cpu],
    ['MEMORY', ({ memoryBytes }) => sizeOf(memoryBytes)],
    ['STARTED', ({ startedAtMs }) => formatAge(load.atMs, startedAtMs)],
    ['LAST USED', ({ lastActivityAtMs }) => formatAge(load.atMs, lastActivityAtMs)],
  ];
  const tables = [
    ...(pools.length === 0 ? [] : [formatTable(pools, poolColumns, isTTY)]),
    ...(sessions.length === 0 ? [] : [formatTable(largestFirst(sessions), columns, isTTY)]),
  ];
  return [`${lines.join('\n')}\n`, ...tables].join('\n');
}

function describeDisk({ freeBytes, reserveBytes, sessionStorageBytes }: NonNullable<Load['disk']>): string {
  const isFull = freeBytes < reserveBytes;
  const room = `${formatSize(freeBytes)} free${isFull ? `, less than the reserve of ${formatSize(reserveBytes)}: nothing new is started` : ''}`;
  return `${room}; session storage takes ${formatSize(sessionStorageBytes)}`;
}

const poolColumns: readonly Column<Pool>[] = [
  ['POOL', ({ runtimeId }) => runtimeId],
  ['VERSION', ({ version }) => version],
  ['READY', ({ ready, wanted }) => `${ready} of ${wanted}`],
  ['FROZEN', ({ frozen }) => frozen],
  ['STARTING', ({ starting }) => starting],
  ['MEMORY', ({ memoryBytes }) => sizeOf(memoryBytes)],
  ['PROBLEM', ({ problem }) => problem],
];

function largestFirst(sessions: readonly Session[]): readonly Session[] {
  return sessions.toSorted((a, b) => (b.memoryBytes ?? 0) - (a.memoryBytes ?? 0));
}

function sizeOf(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : formatSize(bytes);
}
