import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { escapeControls } from '../shared/escape-controls.ts';
import { createLogger, type LogLevel } from './logger.ts';

function capture(isTTY: boolean, level: LogLevel = 'info') {
  const lines: string[] = [];
  const output = { isTTY, write: (line: string | Uint8Array) => lines.push(String(line)) > 0 };
  return { lines, logger: createLogger({ level, output }) };
}

describe('the log', () => {
  it('is one JSON object per line, with errors and their causes', () => {
    verifies('observability:log');
    const { lines, logger } = capture(false);
    logger.debug({}, 'too fine');
    logger.error(
      { requestId: 'r-1', error: new Error('outer', { cause: new Error('inner') }) },
      'request failed',
    );
    assert.equal(lines.length, 1);
    const { level, message, requestId, error } = JSON.parse(lines[0] ?? '') as Record<
      string,
      { message: string; cause: Error }
    >;
    assert.deepEqual([level, message, requestId], ['error', 'request failed', 'r-1']);
    assert.equal(error?.message, 'outer');
    assert.equal(error.cause.message, 'inner');
  });

  it('never holds what a field of a secret name holds', () => {
    verifies('observability:log');
    const { lines, logger } = capture(false);
    logger.info(
      { password: 'hush', key: { secret: 'hush' }, a: { request: { authorization: 'hush' } } },
      'careless',
    );
    assert.equal(lines.join('').includes('hush'), false);
  });

  it('is for people on a terminal, and nothing that agents wrote steers it', () => {
    verifies('observability:log');
    const { lines, logger } = capture(true);
    logger.warn(
      { runtimeId: 'a-1', logLines: ['\u001b[2Jgone'], error: new Error('no\u0007') },
      'session ended',
    );
    const line = lines[0] ?? '';
    assert.match(line, /^\d\d:\d\d:\d\d\.\d{3} WARN {2}session ended runtimeId=a-1 logLines=.*gone/);
    assert.equal(escapeControls(line), line);
  });
});
