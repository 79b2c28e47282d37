import { join } from 'node:path';
import type { BlobStore } from '../../images/blob-store.ts';
import type { Digest } from '../../images/digest.ts';
import { newSandboxId, type SandboxId, systemRandom } from '../../shared/ids.ts';
import type { RunningSandbox, SandboxDriver, SandboxSpec } from '../sandbox-driver.ts';
import { untilListening } from './agent-client.ts';

/** A driver that nobody else uses, on a real engine. */
export interface DriverUnderTest {
  readonly driver: SandboxDriver;
  readonly blobs: BlobStore;
  /** Of the sandboxes that are started without another word. */
  readonly isolation: string;
  /** A folder for log files. */
  readonly logDir: string;
  /** What the host's kernel has counted, in milliseconds: a sandbox's own account may be an estimate. */
  usedCpuMs(id: SandboxId): Promise<number>;
  /** Processes and threads that the host's kernel runs for it, those of its isolation included. */
  tasks(id: SandboxId): Promise<number>;
  /** Another driver over the same sandboxes, as after a restart; the caller disposes it. */
  reopen(): Promise<SandboxDriver>;
  /** Removes all that is left. */
  close(): Promise<void>;
}

export function newSpec(
  subject: DriverUnderTest,
  image: Digest,
  changes: Partial<SandboxSpec> = {},
): SandboxSpec {
  const id = newSandboxId(systemRandom);
  return {
    id,
    owner: {
      kind: 'runtime',
      accountId: '123456789012',
      region: 'us-east-1',
      runtimeId: 'test-0123456789',
      version: 1,
    },
    image,
    environment: { OVERRIDDEN: 'version', FROM_VERSION: 'version' },
    limits: { memoryBytes: 256 * mebibyte, cpus: 1, pids: 64, diskBytes: 64 * mebibyte },
    isolation: subject.isolation,
    egress: { kind: 'default' },
    logFile: join(subject.logDir, `${id}.log`),
    ...changes,
  };
}

/** Started and listening. */
export async function startListening(
  subject: DriverUnderTest,
  image: Digest,
  changes: Partial<SandboxSpec> = {},
): Promise<RunningSandbox> {
  const sandbox = await subject.driver.start(newSpec(subject, image, changes));
  await untilListening(sandbox);
  return sandbox;
}

const mebibyte = 1024 * 1024;
