import { createHash } from 'node:crypto';
import type { Digest } from '../../../images/digest.ts';

/**
 * The names of the layers' snapshots, lowest first: each is determined by its layer and all below, so that images share what
 * they have in common (OCI image specification, "Layer ChainID").
 */
export function chainIds(diffIds: readonly Digest[]): readonly Digest[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(
      below === undefined
        ? diffId
        : `sha256:${createHash('sha256').update(`${below} ${diffId}`).digest('hex')}`,
    );
  }
  return chain;
}
