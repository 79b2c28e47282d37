import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError, invalidField } from '../shared/errors.ts';
import { toWireError } from './errors.ts';

function answer(error: unknown, modelled?: string[]) {
  const unexpected: unknown[] = [];
  const failures = { unexpected: (failure: unknown) => unexpected.push(failure) };
  const wire = toWireError(error, { requestId: 'r-1', modelled, failures });
  return { status: wire.status, headers: wire.headers, body: JSON.parse(wire.body) as unknown, unexpected };
}

describe('errors on the wire', () => {
  it('carry status, type, request id and message', () => {
    verifies('wire:error-map');
    const quota = answer(new BerthError('quota-exceeded', 'Too many.'));
    assert.equal(quota.status, 402);
    assert.deepEqual(quota.headers, {
      'content-type': 'application/json',
      'x-amzn-errortype': 'ServiceQuotaExceededException',
      'x-amzn-requestid': 'r-1',
    });
    assert.deepEqual(quota.body, { message: 'Too many.' });
    assert.equal(answer(new BerthError('runtime-client-error', '')).status, 424);
  });

  it('carry reason and fields of a validation', () => {
    assert.deepEqual(answer(invalidField('a.b', 'No.')).body, {
      message: 'No.',
      reason: 'FieldValidationFailed',
      fieldList: [{ name: 'a.b', message: 'No.' }],
    });
  });

  it('are spelled as the family of the operation does', () => {
    const throttled = new BerthError('throttled', 'Slow down.');
    assert.equal(answer(throttled, ['ThrottledException']).headers['x-amzn-errortype'], 'ThrottledException');
    assert.equal(
      answer(throttled, ['ThrottlingException']).headers['x-amzn-errortype'],
      'ThrottlingException',
    );
    assert.equal(answer(throttled).headers['x-amzn-errortype'], 'ThrottlingException');
  });

  it('tell nothing of a failure that nobody expected, and log it', () => {
    verifies('wire:internal-hidden');
    for (const error of [
      new TypeError('secret'),
      new BerthError('internal', 'secret'),
      'secret',
      undefined,
    ]) {
      const hidden = answer(error);
      assert.equal(hidden.status, 500);
      assert.doesNotMatch(JSON.stringify([hidden.body, hidden.headers]), /secret/);
      assert.match(JSON.stringify(hidden.body), /r-1/);
      assert.deepEqual(hidden.unexpected, [{ requestId: 'r-1', error }]);
    }
  });
});
