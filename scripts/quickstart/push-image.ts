import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ServerAccess } from './berth-process.ts';

const run = promisify(execFile);

/**
 * Pushes an OCI layout with skopeo, as `docker push` would; returns the image's address. The log-in goes through a file, since
 * everybody on a machine can read command lines.
 */
export async function pushImage(server: ServerAccess, layout: string, reference: string): Promise<string> {
  const { host } = new URL(server.url);
  const uri = `${host}/${reference}`;
  const folder = await mkdtemp(join(tmpdir(), 'berth-login-'));
  try {
    const authFile = join(folder, 'auth.json');
    const auth = Buffer.from(`${server.accessKeyId}:${server.secretAccessKey}`).toString('base64');
    await writeFile(authFile, JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
    const options = ['--quiet', '--dest-tls-verify=false', '--dest-authfile', authFile];
    await run('skopeo', ['copy', ...options, `oci:${layout}`, `docker://${uri}`]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return uri;
}
