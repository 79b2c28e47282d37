import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import { verifies } from './requirements.ts';
import { parseConfig } from '../src/config/parse-config.ts';
import { readEnv } from '../src/config/read-env.ts';
import { Metrics } from '../src/observability/metrics.ts';
import { systemClock } from '../src/shared/clock.ts';
import { systemRandom } from '../src/shared/ids.ts';

const machine = { memoryBytes: 2 ** 32, cpus: 1, diskBytes: 5e9, dockerConfigFile: '/nowhere' };
const ignore = () => {};

test('OpenTelemetry is loaded only where telemetry is exported', async () => {
  verifies('telemetry:settings');
  const loaded: string[] = [];
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith('@opentelemetry/')) loaded.push(specifier);
      return next(specifier, context);
    },
  });
  await import('../src/server.ts');
  const { openTelemetry } = await import('../src/composition/open-telemetry.ts');
  const open = (env: Record<string, string>) =>
    openTelemetry({
      config: parseConfig(readEnv(env), machine),
      version: '0',
      metrics: new Metrics(),
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      clock: systemClock,
      random: systemRandom,
    });

  assert.equal(await open({}), undefined);
  assert.deepEqual(loaded, []);

  await using telemetry = await open({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces',
  });
  hooks.deregister();
  assert.ok(telemetry?.traces !== undefined);
  assert.ok(loaded.length > 0);
});
