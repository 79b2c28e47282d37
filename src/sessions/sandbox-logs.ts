import type { SandboxOwner } from '../sandboxes/sandbox-driver.ts';
import type { SandboxId } from '../shared/ids.ts';

/** Where the output of sandboxes goes. */
export interface SandboxLogs {
  /** Absolute path for a new sandbox's output, in a folder that exists. */
  newFile(owner: SandboxOwner, sandboxId: SandboxId): Promise<string>;
  /** The last lines of a log, none when it cannot be read. Never rejects; lines are cut to a bounded length. */
  lastLines(logFile: string, count: number): Promise<readonly string[]>;
}
