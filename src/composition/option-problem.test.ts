import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { optionProblem } from './require-isolation.ts';

test('hibernation is refused where the isolation that would apply cannot', () => {
  verifies('hibernation:option');
  const canHibernate = (isolation: string) => isolation === 'gvisor';
  const parts = {
    engine: { isolations: ['runc', 'gvisor'] },
    driver: { hibernation: { canHibernate } as never },
    usual: 'runc',
  };
  assert.match(optionProblem({ hibernate: 60_000 }, parts) ?? '', /isolation 'runc' cannot go to disk/);
  assert.match(
    optionProblem({ hibernate: 60_000, isolation: 'runc' }, { ...parts, usual: 'gvisor' }) ?? '',
    /cannot go to disk/,
  );
  assert.match(optionProblem({ hibernate: 60_000, isolation: 'vm' }, parts) ?? '', /no isolation 'vm'/);
  assert.equal(optionProblem({ hibernate: 60_000, isolation: 'gvisor' }, parts), undefined);
  assert.equal(optionProblem({ hibernate: 60_000 }, { ...parts, usual: 'gvisor' }), undefined);
  assert.equal(optionProblem({ isolation: 'runc' }, parts), undefined);
});
