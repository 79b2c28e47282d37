import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { parseConfig } from './parse-config.ts';
import { readEnv } from './read-env.ts';

const machine = {
  memoryBytes: 4 * 2 ** 30,
  cpus: 1,
  diskBytes: 5e9,
  dockerConfigFile: '/home/me/.docker/config.json',
};

describe('the configuration', () => {
  it('has defaults that need no setting, with limits of sandboxes capped to the machine', () => {
    const config = parseConfig(readEnv({}), machine);

    assert.deepEqual(config.listen, { host: '127.0.0.1', port: 4700 });
    assert.equal(config.publicUrl, 'http://127.0.0.1:4700');
    assert.equal(config.isPublicUrlSet, false);
    assert.equal(config.dockerConfigFile, machine.dockerConfigFile);
    assert.equal(config.home, '/var/lib/berth');
    assert.equal(config.region, 'us-east-1');
    assert.match(config.accountId, /^\d{12}$/);
    assert.equal(config.sandbox.memoryBytes, machine.memoryBytes);
    assert.equal(config.sandbox.cpus, 1);
    assert.equal(config.sandbox.diskBytes, machine.diskBytes);
    assert.equal(config.sandbox.pids, 1024);
    assert.equal(config.sandbox.startTimeoutMs, 120_000);
    assert.deepEqual(config.network, {
      egress: true,
      allowedCidrs: [],
      allowedHostPorts: [],
      subnet: undefined,
      networksFile: undefined,
    });
  });

  it("has AWS's quotas of Identity, without limits of rates, until settings say otherwise", () => {
    verifies('identity:quotas', 'identity:rates');
    const quotas = {
      ...{ workloadIdentities: 11_000, oauthProviders: 50, apiKeyProviders: 50, managedSecrets: 500_000 },
      ...{ identityControlRate: 0, identityReadRate: 0, identityCompletionRate: 0 },
    };
    assert.partialDeepStrictEqual(parseConfig(readEnv({}), machine).quotas, quotas);

    const variables = {
      BERTH_MAX_WORKLOAD_IDENTITIES: '1',
      BERTH_MAX_OAUTH2_PROVIDERS: '2',
      BERTH_MAX_API_KEY_PROVIDERS: '3',
      BERTH_MAX_MANAGED_SECRETS: '4',
      BERTH_IDENTITY_CONTROL_RATE: '20',
      BERTH_IDENTITY_READ_RATE: '200',
      BERTH_IDENTITY_COMPLETION_RATE: '100',
    };
    assert.partialDeepStrictEqual(parseConfig(readEnv(variables), machine).quotas, {
      ...{ workloadIdentities: 1, oauthProviders: 2, apiKeyProviders: 3, managedSecrets: 4 },
      ...{ identityControlRate: 20, identityReadRate: 200, identityCompletionRate: 100 },
    });
  });

  it('prefers a flag over its variable, and takes an empty variable for an unset one', () => {
    const raw = readEnv({ BERTH_LISTEN: '127.0.0.1:1', BERTH_REGION: '' }, { listen: '[::1]:5000' });

    const config = parseConfig(raw, machine);

    assert.deepEqual(config.listen, { host: '::1', port: 5000 });
    assert.equal(config.publicUrl, 'http://[::1]:5000');
    assert.equal(config.region, 'us-east-1');
  });

  it('reads sizes, times, lists and switches', () => {
    const config = parseConfig(
      readEnv({
        BERTH_SANDBOX_MEMORY: '512MiB',
        BERTH_START_TIMEOUT: '1.5m',
        BERTH_ALLOW_CIDR: '10.0.0.0/8, 192.168.1.1/32',
        BERTH_ALLOW_HOST_PORT: '5432,80',
        BERTH_EGRESS: 'off',
        BERTH_PRIVATE_ISSUERS: 'http://127.0.0.1:8080/, https://Login.corp.example:443',
        BERTH_ISSUER_NAMES:
          'http://keycloak:8080/.well-known/openid-configuration=https://login.corp.example',
        BERTH_USER_TOKEN_ISSUERS:
          'https://a.example/.well-known/openid-configuration, https://b.example/.well-known/oauth-authorization-server/x',
        BERTH_PUBLIC_URL: 'https://agents.example.com/',
      }),
      machine,
    );

    assert.equal(config.sandbox.memoryBytes, 512 * 2 ** 20);
    assert.equal(config.sandbox.startTimeoutMs, 90_000);
    assert.deepEqual(config.network.allowedCidrs, ['10.0.0.0/8', '192.168.1.1/32']);
    assert.deepEqual(config.network.allowedHostPorts, [5432, 80]);
    assert.equal(config.network.egress, false);
    assert.deepEqual(config.privateIssuers, ['http://127.0.0.1:8080', 'https://login.corp.example']);
    assert.deepEqual(
      [...config.issuerNames],
      [['http://keycloak:8080/.well-known/openid-configuration', 'https://login.corp.example']],
    );
    assert.deepEqual(config.userTokenIssuers, [
      'https://a.example/.well-known/openid-configuration',
      'https://b.example/.well-known/oauth-authorization-server/x',
    ]);
    assert.equal(config.publicUrl, 'https://agents.example.com');
    assert.equal(config.isPublicUrlSet, true);
  });

  it('names every wrong setting with its value and what was expected', () => {
    verifies('cli:config');
    const raw = readEnv(
      {
        BERTH_ACCOUNT: '12',
        BERTH_SANDBOX_MEMORY: '8',
        BERTH_ALLOW_CIDR: '10.0.0.0',
        BERTH_HOME: 'state',
        BERTH_PRIVATE_ISSUERS: 'https://a.example/realm',
        BERTH_USER_TOKEN_ISSUERS: 'https://a.example/realm',
      },
      { listen: '4700' },
    );

    assert.throws(() => parseConfig(raw, machine), {
      code: 'validation',
      message: [
        "--listen is '4700': expected HOST:PORT, such as 127.0.0.1:4700, or [::1]:4700 for IPv6.",
        "BERTH_HOME is 'state': expected an absolute path.",
        "BERTH_ACCOUNT is '12': expected 12 digits.",
        "BERTH_SANDBOX_MEMORY is '8': expected a size with its unit, such as 512MiB or 8GB; 16MiB or more.",
        "BERTH_ALLOW_CIDR is '10.0.0.0': expected IPv4 ranges separated by commas, such as 10.0.0.0/8,192.168.1.10/32.",
        "BERTH_PRIVATE_ISSUERS is 'https://a.example/realm': expected origins of URLs separated by commas, such as https://login.corp.example,http://127.0.0.1:8080.",
        "BERTH_USER_TOKEN_ISSUERS is 'https://a.example/realm': expected discovery URLs separated by commas, such as https://login.corp.example/.well-known/openid-configuration.",
      ].join('\n'),
    });
  });

  it('takes names of issuers by their discovery URLs only, and one for each', () => {
    const url = 'https://a.example/.well-known/openid-configuration';
    for (const text of [url, `${url}=`, '=b', 'https://a.example=b', `${url}=b,${url}=c`, `${url}=b=c`])
      assert.throws(
        () => parseConfig(readEnv({ BERTH_ISSUER_NAMES: text }), machine),
        /^BerthError: BERTH_ISSUER_NAMES is /,
        text,
      );
  });

  it('has TLS when asked, with a certificate and its key or with neither', () => {
    verifies('cli:config');
    const tlsOf = (env: Record<string, string>, flags = {}) => parseConfig(readEnv(env, flags), machine).tls;
    const pair = { BERTH_TLS_CERT: '/tls.crt', BERTH_TLS_KEY: '/tls.key' };

    assert.equal(tlsOf({}), undefined);
    assert.deepEqual(tlsOf({}, { tls: 'on' }), { listen: { host: '127.0.0.1', port: 443 }, own: undefined });
    assert.deepEqual(tlsOf({ BERTH_TLS: 'on', BERTH_TLS_LISTEN: '[::]:8443', ...pair }), {
      listen: { host: '::', port: 8443 },
      own: { certFile: '/tls.crt', keyFile: '/tls.key' },
    });
    assert.throws(() => tlsOf({ BERTH_TLS: 'on', BERTH_TLS_KEY: '/tls.key' }), {
      message: 'BERTH_TLS_KEY is set, but BERTH_TLS_CERT is not: a certificate is used with its key.',
    });
    assert.throws(() => tlsOf(pair), {
      code: 'validation',
      message: /BERTH_TLS_CERT is set, but TLS is off/,
    });
  });

  it('has a transit engine when told where it is and who may call it, over TLS or on loopback', () => {
    verifies('vault:transit-token');
    const transitOf = (env: Record<string, string>) => parseConfig(readEnv(env), machine).transit;
    const tokenFile = { BERTH_TRANSIT_TOKEN_FILE: '/run/token' };

    assert.equal(transitOf({ BERTH_TRANSIT_KEY: 'unused' }), undefined);
    assert.deepEqual(transitOf({ BERTH_TRANSIT_URL: 'https://bao.example:8200/', ...tokenFile }), {
      url: 'https://bao.example:8200',
      mount: 'transit',
      key: 'berth',
      tokenFile: '/run/token',
      caFile: undefined,
    });
    assert.equal(
      transitOf({ BERTH_TRANSIT_URL: 'http://127.0.0.1:8200', ...tokenFile })?.url,
      'http://127.0.0.1:8200',
    );
    for (const url of ['http://bao.example:8200', 'http://127.0.0.1.example', 'bao.example'])
      assert.throws(() => transitOf({ BERTH_TRANSIT_URL: url, ...tokenFile }), {
        message: /BERTH_TRANSIT_URL is .*: expected an https:\/\/ URL/,
      });
    for (const half of [tokenFile, { BERTH_TRANSIT_URL: 'https://bao.example' }])
      assert.throws(() => transitOf(half), { code: 'validation', message: /needs both/ });
  });

  it('notices variables that only look like settings', () => {
    const raw = readEnv({ BERTH_LISTN: 'x', BERTH_ENDPOINT: 'http://a', PATH: '/bin' });

    assert.deepEqual(raw.unknownVariables, ['BERTH_LISTN']);
  });
});
