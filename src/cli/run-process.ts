import { spawn } from 'node:child_process';
import { CliError } from './cli-error.ts';

/** Runs a tool to its end. Rejects with what it wrote to stderr when it fails, and with `advice` when it is not there. */
export async function runProcess(command: string, args: readonly string[], advice: string): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new CliError(`'${command}' is not installed.`, { advice }) : error);
    });
    child.on('close', resolve);
  });
  if (exitCode !== 0) throw new CliError(`'${command}' failed: ${errors.trim() || `exit code ${exitCode}`}`);
}
