import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { keepCompiledCode } from './cli/compile-cache.ts';

keepCompiledCode({ uid: process.getuid?.() ?? -1 });
// Loaded only now, so that the cache has them.
const { processContext } = await import('./cli/process-context.ts');
const { runCli } = await import('./cli/run-cli.ts');

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const context = processContext({
  version,
  program: join(root, 'bin', 'berth'),
  startServer: async (config, secrets) => {
    // Loaded only by `berth up`, so that every other command starts fast.
    const { startServer } = await import('./server.ts');
    const server = await startServer(config, { ...secrets, version });
    // Usually done at the end, which a server that is killed does not have.
    flushCompileCache();
    return server;
  },
  examine: async (config, serverPid) => {
    const { examine } = await import('./composition/doctor/examine.ts');
    return examine(config, serverPid);
  },
});

// The clock's timers keep no process alive, so that a server can end; a command that sleeps must.
setInterval(() => {}, 60_000);
process.exit(await runCli(process.argv.slice(2), context));
