import { sleep, type Clock } from '../../shared/clock.ts';
import type { AdminApi, Preparation } from '../client/admin-api.ts';
import { ApiError } from '../client/api-error.ts';
import { CliError } from '../cli-error.ts';
import type { RuntimeDetails, RuntimesApi } from '../client/runtimes-api.ts';
import { formatSize } from '../output/format-time.ts';
import type { Progress } from '../output/progress.ts';

export interface Wait {
  readonly runtimes: Pick<RuntimesApi, 'get' | 'endpoint'>;
  readonly admin: Pick<AdminApi, 'preparation'>;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const pollMs = 300;

/** Until the version can be called through DEFAULT. Rejects with the failure reason when it never will. */
export async function waitUntilReady(id: string, version: string, wait: Wait): Promise<RuntimeDetails> {
  const startedAtMs = wait.clock.now();
  for (;;) {
    const runtime = await wait.runtimes.get(id, version);
    if (runtime.status.endsWith('FAILED')) {
      throw new CliError(
        `Version ${version} of ${runtime.agentRuntimeName} is ${runtime.status}: ${runtime.failureReason ?? 'no reason given'}`,
        {
          advice:
            version === '1'
              ? 'Correct it and deploy again.'
              : 'Calls still reach the version before. Correct it and deploy again.',
        },
      );
    }
    if (runtime.status === 'READY' && (await isServed(id, version, wait))) return runtime;
    const seconds = Math.round((wait.clock.now() - startedAtMs) / 1000);
    const step = describe(await wait.admin.preparation(id, version)) ?? runtime.status;
    await wait.progress.show(`${runtime.agentRuntimeName}: version ${version} is ${step} (${seconds} s)`);
    await sleep(wait.clock, pollMs, wait.signal);
  }
}

function describe({ phase, done = 0, total = 0 }: Preparation): string | undefined {
  if (phase === undefined) return undefined;
  if (total === 0) return `${phase} its image`;
  const parts =
    phase === 'unpacking' ? `${done} of ${total} layers` : `${formatSize(done)} of ${formatSize(total)}`;
  return `${phase} its image: ${parts}`;
}

async function isServed(id: string, version: string, { runtimes }: Wait): Promise<boolean> {
  try {
    const endpoint = await runtimes.endpoint(id, 'DEFAULT');
    // Somebody may have deployed a newer version meanwhile.
    return endpoint.status === 'READY' && Number(endpoint.liveVersion) >= Number(version);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
