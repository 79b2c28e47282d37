import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { checkWorkloadsTag, mayUseProvider } from './provider-workloads.ts';

test('a provider is for all workloads, or for those that its tag names, runtimes by name or id', () => {
  verifies('provider:workloads');
  const tags = { 'berth:workloads': ' weather  news-AbCdEf1234 ' };
  assert.ok(mayUseProvider({}, 'anybody'));
  for (const workload of ['weather', 'weather-AbCdEf1234', 'news-AbCdEf1234'])
    assert.ok(mayUseProvider(tags, workload), workload);
  for (const workload of [
    'news-AbCdEf1235',
    'weather-AbCdEf12345',
    'weather-x',
    'weathe',
    'Weather',
    'berth',
    '',
  ])
    assert.equal(mayUseProvider(tags, workload), false, workload);
  checkWorkloadsTag(tags);
  for (const value of ['', '  ', 'a,b', 'team_*', 'a/b'])
    assert.throws(() => checkWorkloadsTag({ 'berth:workloads': value }), { code: 'validation' }, value);
});
