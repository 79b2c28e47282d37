import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processContext } from './cli/process-context.ts';
import { runCli } from './cli/run-cli.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const context = processContext({
  version,
  program: join(root, 'bin', 'berth'),
  startServer: async (config, secrets) => {
    // Loaded only by `berth up`, so that every other command starts fast.
    const { startServer } = await import('./server.ts');
    return startServer(config, { ...secrets, version });
  },
});

// The clock's timers keep no process alive, so that a server can end; a command that sleeps must.
setInterval(() => {}, 60_000);
process.exit(await runCli(process.argv.slice(2), context));
