import { spawn } from 'node:child_process';

export interface ToolOptions {
  readonly cwd?: string;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a tool to its end and returns its output. Throws with what it said when it fails, or is not there. */
export function runTool(tool: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, {
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.on('error', (error) => reject(new Error(`${tool} cannot be run: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) return resolve(Buffer.concat(stdout).toString('utf8'));
      const text = Buffer.concat([...stdout, ...said]).toString('utf8');
      const tail = text.trim().split('\n').slice(-25).join('\n');
      return reject(new Error(`\`${tool} ${args.join(' ')}\` failed with exit code ${code}:\n${tail}`));
    });
  });
}
