import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import { newSandboxId, type SandboxId, systemRandom } from '../shared/ids.ts';
import type { SandboxDriver } from './sandbox-driver.ts';
import { type ExecSpec, execsPerSandbox, type SandboxProcess } from './sandbox-process.ts';

/** A driver and how to start a sandbox whose image has `node` and `sleep`. */
export interface ExecUnderTest {
  readonly driver: SandboxDriver;
  startSandbox(): Promise<SandboxId>;
  close(): Promise<void>;
}

/** What programs beside the agent can rely on, whatever the driver. */
export function describeSandboxExec(name: string, open: () => Promise<ExecUnderTest>): void {
  describe(`Programs in a sandbox of ${name}`, { timeout: 240_000 }, () => {
    let subject: ExecUnderTest;
    let sandbox: SandboxId;

    before(async () => {
      subject = await open();
    });
    beforeEach(async () => {
      sandbox ??= await subject.startSandbox();
    });
    after(() => subject.close());

    const run = (code: string, spec: Partial<ExecSpec> = {}): Promise<SandboxProcess> =>
      subject.driver.exec(sandbox, { args: ['node', '-e', code], ...spec });

    it('have their own streams, variables and exit code', async () => {
      verifies('sandboxes:exec');
      await using program = await run(
        `process.stdin.on('data', (chunk) => process.stdout.write('<' + chunk + '>'));
         process.stdin.on('end', () => { console.error(process.env.ADDED); process.exit(7); })`,
        { environment: { ADDED: 'variable' } },
      );

      program.stdin.end('input');

      const [output, errors] = await Promise.all([text(program.stdout), text(program.stderr)]);
      assert.deepEqual([output, errors, await program.exit], ['<input>', 'variable\n', 7]);
    });

    it('lose nothing to a reader that is slower than they are', async () => {
      verifies('sandboxes:exec');
      const size = 4 * 1024 * 1024;
      await using program = await run(`process.stdout.write(Buffer.alloc(${size}, 'x'))`);

      let seen = 0;
      for await (const chunk of program.stdout) {
        seen += (chunk as Buffer).byteLength;
        await new Promise(setImmediate);
      }

      assert.deepEqual([seen, await program.exit], [size, 0]);
    });

    it('are told the size of their terminal, its changes and its keys', async () => {
      verifies('sandboxes:exec-terminal');
      await using program = await run(
        `const say = (what) => console.log(what + ' ' + process.stdout.columns + 'x' + process.stdout.rows + '.');
         process.stdout.on('resize', () => say('resized'));
         process.on('SIGINT', () => process.exit(5));
         setInterval(() => {}, 1000);
         say(process.stdin.isTTY ? 'terminal' : 'none');`,
        { terminal: { columns: 91, rows: 33 }, environment: { TERM: 'xterm' } },
      );
      const until = reader(program);

      await until('91x33.');
      await program.resize({ columns: 120, rows: 50 });
      await until('resized 120x50.');
      program.stdin.write('\u0003');

      assert.equal(await program.exit, 5);
      assert.equal(await text(program.stderr), '');
      await program.resize({ columns: 10, rows: 10 });
    });

    it('are killed with all that they started', async () => {
      verifies('sandboxes:exec-kill');
      await using program = await run(
        `const { spawn } = require('node:child_process');
         const start = (detached) =>
           spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached, stdio: 'ignore' }).pid;
         console.log([process.pid, start(false), start(true)].join(' ') + '.');
         process.on('SIGTERM', () => {}); process.on('SIGHUP', () => {});
         setInterval(() => {}, 1000)`,
      );
      const pids = await pidsOf(program);

      await program.kill('SIGKILL');

      assert.equal(await program.exit, 137);
      await over(pids);
      await program.kill('SIGKILL');
    });

    it('can be asked to end, and their streams end with them', async () => {
      verifies('sandboxes:exec-kill');
      await using program = await run(
        `process.on('SIGTERM', () => process.exit(9)); console.log('up.'); setInterval(() => {}, 1000)`,
      );
      await reader(program)('up.');

      await program.kill('SIGTERM');

      assert.equal(await program.exit, 9);
      await ended(program);
    });

    it('are over when nobody wants them any more', async () => {
      verifies('sandboxes:exec-kill');
      const program = await run(`console.log(process.pid + '.'); setInterval(() => {}, 1000)`);
      const pids = await pidsOf(program);

      await program[Symbol.asyncDispose]();
      await program[Symbol.asyncDispose]();

      assert.equal(await program.exit, 137);
      await over(pids);
    });

    it('may leave something running, which holds nobody up', async () => {
      verifies('sandboxes:exec');
      await using program = await run(
        `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'],
           { detached: true, stdio: 'inherit' });
         child.unref(); console.log(child.pid + '.')`,
      );
      const pids = await pidsOf(program);

      assert.equal(await program.exit, 0);
      await ended(program);
      await program[Symbol.asyncDispose]();

      assert.deepEqual(await stillRunning(pids), pids);
      await (
        await run(`process.kill(${pids[0]}, 'SIGKILL')`)
      ).exit;
    });

    it('end with their sandbox', async () => {
      verifies('sandboxes:exec-kill');
      const other = await subject.startSandbox();
      await using program = await subject.driver.exec(other, {
        args: ['node', '-e', 'setInterval(() => {}, 1000)'],
      });

      await subject.driver.remove(other, 0);

      assert.equal(await program.exit, 137);
      await ended(program);
    });

    it('are so many and no more', async () => {
      verifies('sandboxes:exec-limit');
      const other = await subject.startSandbox();
      const running = await Promise.all(
        Array.from({ length: execsPerSandbox }, () => subject.driver.exec(other, small)),
      );

      await assert.rejects(subject.driver.exec(other, small), hasCode('quota-exceeded'));
      await running[0]?.[Symbol.asyncDispose]();
      const next = await subject.driver.exec(other, small);

      await Promise.all([...running, next].map((program) => program[Symbol.asyncDispose]()));
      await subject.driver.remove(other, 0);
    });

    it('are refused where there is no program, no sandbox or nobody who waits', async () => {
      verifies('sandboxes:exec');
      const spec = { args: ['/no/such/program'] };
      const stranger = newSandboxId(systemRandom);

      await assert.rejects(
        subject.driver.exec(sandbox, spec),
        (error) => hasCode('runtime-client-error')(error) && /no program \/no\/such/.test(String(error)),
      );
      await assert.rejects(subject.driver.exec(stranger, spec), hasCode('not-found'));
      await assert.rejects(subject.driver.exec(sandbox, spec, AbortSignal.abort(new Error('left'))), /left/);
    });

    /** What was killed ends when the kernel comes to it. */
    async function over(pids: readonly number[]): Promise<void> {
      while ((await stillRunning(pids)).length > 0);
    }

    /** Those of `pids`, as the sandbox counts them, that run. */
    async function stillRunning(pids: readonly number[]): Promise<readonly number[]> {
      const code = `const isUp = (pid) => { try {
           return !/^State:\\tZ/m.test(require('node:fs').readFileSync('/proc/' + pid + '/status', 'utf8'));
         } catch { return false } };
         console.log(JSON.stringify(${JSON.stringify(pids)}.filter(isUp)))`;
      await using program = await run(code);
      return JSON.parse(await text(program.stdout)) as number[];
    }
  });
}

/** A program that takes next to no memory, so that there is room for many. */
const small: ExecSpec = { args: ['sleep', '100000'] };

function reader(program: SandboxProcess): (wanted: string) => Promise<string> {
  let seen = '';
  program.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk));
  return async (wanted) => {
    while (!seen.includes(wanted)) await once(program.stdout, 'data');
    return seen;
  };
}

async function pidsOf(program: SandboxProcess): Promise<readonly number[]> {
  const line = await reader(program)('.');
  return line.split('.')[0]?.split(' ').map(Number) ?? [];
}

async function ended({ stdout, stderr }: SandboxProcess): Promise<void> {
  await Promise.all(
    [stdout, stderr].map(async (stream) => {
      stream.resume();
      if (!stream.readableEnded && !stream.destroyed)
        await Promise.race([once(stream, 'end'), once(stream, 'close')]);
    }),
  );
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof BerthError && error.code === code;
}
