import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import { loadServiceOperations } from '../model/service-operation.ts';
import { createRouter } from './router.ts';

const operations = loadServiceOperations();
const router = createRouter(operations);
const isError = (code: string) => (error: unknown) => error instanceof BerthError && error.code === code;

describe('the router', () => {
  it('finds every operation of both models by its own path, with and without a trailing slash', () => {
    verifies('wire:model-is-data', 'wire:trailing-slash');
    for (const operation of operations) {
      const path = operation.uri.replace(/\{(\w+)\}/g, 'x-$1');
      const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
      assert.equal(router.match(operation.method, path).operation.name, operation.name);
      assert.equal(router.match(operation.method, other).operation.name, operation.name);
    }
    assert.ok(operations.length >= 250);
  });

  it('takes an encoded ARN as one segment and decodes it once', () => {
    verifies('wire:raw-path');
    const arn = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/a-AbCdEf1234';
    const match = router.match('POST', `/runtimes/${encodeURIComponent(arn)}/stopruntimesession?qualifier=q`);
    assert.equal(match.operation.name, 'StopRuntimeSession');
    assert.deepEqual(match.labels, { agentRuntimeArn: arn });
    assert.equal(match.rawQuery, 'qualifier=q');
    assert.equal(router.match('GET', '/runtimes/a%252Fb').labels['agentRuntimeId'], 'a%2Fb');
  });

  it('refuses unknown paths and methods, empty segments and broken encodings', () => {
    for (const [method, url] of [
      ['GET', '/'],
      ['GET', '/nothing'],
      ['PATCH', '/runtimes/'],
      ['GET', '//runtimes'],
      ['GET', '/runtimes//'],
      ['GET', '/runtimes/a/b/c'],
      ['OPTIONS', '*'],
    ] as const) {
      assert.throws(() => router.match(method, url), isError('unknown-operation'), `${method} ${url}`);
    }
    assert.throws(() => router.match('GET', '/runtimes/%zz'), isError('validation'));
    assert.throws(() => router.match('GET', '/runtimes/%ff'), isError('validation'));
  });
});
