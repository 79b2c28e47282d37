// An agent that does wrong what it is told to: by UNRULY in its environment while it starts, by its calls afterwards.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const bootId = randomUUID();
const mebibyte = 1024 * 1024;
let callersGone = 0;

const starts = {
  exit: () => {
    console.error('I cannot go on: no settings were found.');
    process.exit(3);
  },
  silent: () => setInterval(() => {}, 60_000),
  'wrong-port': () => listen(3000),
  'ping-garbage': () => listen(8080, (response) => response.end('\u0000{"status": 7, ]')),
  'ping-error': () =>
    listen(8080, (response) => {
      response.statusCode = 500;
      response.end('not today');
    }),
};

const deeds = {
  hello: (_input, response) => answer(response, { callersGone }),
  headers: (_input, response) => answer(response, { headers: response.req.headers }),
  async exitInMidStream(_input, response) {
    response.write('data: the last words\n\n');
    await sleep(200);
    process.exit(9);
  },
  /** What comes of a call from the inside. */
  async call({ url, method, variables = [] }, response) {
    const environment = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
    try {
      const called = await fetch(url, { method });
      answer(response, { status: called.status, body: await called.text(), environment });
    } catch (error) {
      answer(response, { failure: error.cause?.code ?? String(error), environment });
    }
  },
  closeWithoutAnswer: (_input, response) => response.socket.destroy(),
  speakNonsense: (_input, response) => response.socket.end('this is no HTTP\r\n\r\n'),
  hugeHead(_input, response) {
    response.setHeader('x-huge', 'x'.repeat(100 * 1024));
    answer(response, {});
  },
  neverAnswer: () => {},
  streamForEver(_input, response) {
    response.write('data: the first of many\n\n');
    response.on('close', () => (callersGone += 1));
  },
  async flood({ lines, lineBytes }, response) {
    const line = `${'flood '.repeat(Math.ceil(lineBytes / 6)).slice(0, lineBytes)}\n`;
    for (let count = 0; count < lines; count += 1) {
      if (!process.stdout.write(line)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
    answer(response, { floodedBytes: lines * (lineBytes + 1) });
  },
  async fillDisk(_input, response) {
    const file = await open('/tmp/fill', 'w');
    const chunk = Buffer.alloc(mebibyte, 1);
    try {
      for (;;) await file.write(chunk);
    } catch (error) {
      answer(response, { code: error.code });
    } finally {
      await file.close();
    }
  },
  eatMemory() {
    const eaten = [];
    setInterval(() => eaten.push(Buffer.alloc(16 * mebibyte, 1)), 1);
  },
  async fork(_input, response) {
    const refused = new Promise((resolve) => {
      const more = () => {
        const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
        child.once('error', (error) => resolve(error.code));
        child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
        child.once('spawn', more);
      };
      more();
    });
    answer(response, { refused: await refused });
  },
};

const start = starts[process.env.UNRULY] ?? (() => listen(8080));
start();

function listen(port, ping = (response) => answer(response, { status: 'Healthy' })) {
  createServer(async (request, response) => {
    if (request.url === '/ping') return ping(response);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const input = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    await deeds[input.deed ?? 'hello'](input, response);
  }).listen(port, '0.0.0.0');
}

function answer(response, more) {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ bootId, ...more }));
}
