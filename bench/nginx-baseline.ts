import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../scripts/free-port.ts';

export interface NginxBaseline {
  readonly url: string;
  readonly pid: number;
  readonly destroy: () => Promise<void>;
}

/** An nginx of the benchmark's own: one worker, kept-open connections on both sides, nothing buffered, no access log. */
export async function startNginx(upstream: string): Promise<NginxBaseline> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-bench-'));
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, upstream));
  const child = spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  const destroy = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; !(await accepts(port)); attempt += 1) {
    if (child.exitCode !== null || attempt === 100) {
      await destroy();
      throw new Error('nginx did not start; is it installed (Debian: nginx-light)?');
    }
    await sleep(20);
  }
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, destroy };
}

function configuration(folder: string, port: number, upstream: string): string {
  return `daemon off;
worker_processes 1;
user root;
pid ${folder}/nginx.pid;
worker_rlimit_nofile 20000;
events { worker_connections 9600; }
http {
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_max_body_size 0;
  upstream agent { server ${upstream}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://agent;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
    }
  }
}
`;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
