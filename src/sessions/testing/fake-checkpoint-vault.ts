import { BerthError } from '../../shared/errors.ts';
import type { SandboxId } from '../../shared/ids.ts';
import type { CheckpointVault } from '../checkpoint-vault.ts';

/** Remembers whose memory it was given. */
export class FakeCheckpointVault implements CheckpointVault {
  readonly kept = new Set<SandboxId>();
  /** What is kept cannot be opened any more. */
  isDamaged = false;

  async seal(id: SandboxId): Promise<number> {
    this.kept.add(id);
    return 1_000;
  }

  async open(id: SandboxId): Promise<void> {
    if (this.isDamaged || !this.kept.has(id)) throw new BerthError('internal', 'The checkpoint is damaged.');
  }

  async sizeOf(id: SandboxId): Promise<number | undefined> {
    return this.kept.has(id) ? 1_000 : undefined;
  }

  async remove(id: SandboxId): Promise<void> {
    this.kept.delete(id);
  }

  async sweep(isNeeded: (id: SandboxId) => boolean): Promise<number> {
    const lost = [...this.kept].filter((id) => !isNeeded(id));
    for (const id of lost) this.kept.delete(id);
    return lost.length;
  }
}
