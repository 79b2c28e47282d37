import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Digest } from '../../../images/digest.ts';
import { chainIds } from './chain-ids.ts';
import { lowerDirsOf } from './lower-dirs.ts';

describe('The snapshots of an image', () => {
  it('are named by their layer and all layers below', () => {
    const [a, b]: [Digest, Digest] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
    const both = createHash('sha256').update(`${a} ${b}`).digest('hex');

    assert.deepEqual(chainIds([]), []);
    assert.deepEqual(chainIds([a, b]), [a, `sha256:${both}`]);
  });

  it('are folders, topmost first', () => {
    const bind = { type: 'bind', source: '/snapshots/1/fs', target: '', options: ['ro', 'rbind'] };
    const overlay = {
      type: 'overlay',
      source: 'overlay',
      target: '',
      options: ['index=off', 'lowerdir=/2:/1'],
    };

    assert.deepEqual(lowerDirsOf([bind]), ['/snapshots/1/fs']);
    assert.deepEqual(lowerDirsOf([overlay]), ['/2', '/1']);
    assert.throws(() => lowerDirsOf([]), TypeError);
    assert.throws(() => lowerDirsOf([{ ...bind, type: 'zfs' }]), TypeError);
  });
});
