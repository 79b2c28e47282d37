import { execFile } from 'node:child_process';
import { cp, readdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What `COPY` and `RUN npm ci` of the example's Dockerfile do, into /app of the image root `folder`. */
export async function installNodeApp(source: string, folder: string): Promise<void> {
  const app = join(folder, 'app');
  for (const file of await readdir(source))
    if (/\.mjs$|^package.*\.json$/.test(file)) await cp(join(source, file), join(app, file));
  // npm runs with the Node that the image has.
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  await run('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund'], {
    cwd: app,
    env: { ...process.env, PATH: path },
    maxBuffer: 64 << 20,
  });
}
