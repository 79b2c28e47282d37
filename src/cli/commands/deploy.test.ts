import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { fakeServer, runtimeNamed, type Answer, type SeenRequest } from '../testing/fake-server.ts';

const hello = runtimeNamed('hello_node');
const path = `/runtimes/${hello.agentRuntimeId}/`;
const details = { ...hello, roleArn: 'arn:aws:iam::000000000000:role/mine' };
const changed = { ...hello, createdAt: '2026-01-01T00:00:00Z' };
const ready: Record<string, Answer> = {
  [`GET ${path}`]: details,
  [`GET ${path}runtime-endpoints/DEFAULT/`]: { name: 'DEFAULT', status: 'READY', liveVersion: '2' },
};

/** Berth's registry, with the login that docker and skopeo use; it keeps what was put. */
function registry(repository: string, put: Map<string, SeenRequest>): Record<string, Answer> {
  const guarded =
    (answer: Answer): Answer =>
    (request, response) => {
      if (request.headers.authorization === 'Bearer let-me-in')
        return (answer as (...args: unknown[]) => void)(request, response);
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="/v2/token",service="berth",scope="x"' });
      return response.end();
    };
  return {
    'POST /berth/v1/registry/token': { username: 'AWS', password: 'pw', expiresAtMs: 1 },
    'GET /berth/v1/server': {
      version: '1',
      url: 'http://berth.test:4700',
      region: 'us-east-1',
      accountId: '000000000000',
    },
    'GET /v2/token': { token: 'let-me-in' },
    [`POST /v2/${repository}/blobs/uploads/`]: guarded((_request, response) => {
      response.writeHead(202, { location: '/v2/upload/1?state=a' }).end();
    }),
    'PUT /v2/upload/1': guarded((request, response) => {
      put.set(new URL(request.url, 'http://x').searchParams.get('digest') ?? '', request);
      response.writeHead(201).end();
    }),
    [`PUT /v2/${repository}/manifests/latest`]: guarded((request, response) => {
      put.set('manifest', request);
      response.writeHead(201).end();
    }),
  };
}

describe('berth deploy', () => {
  it('creates a runtime with a legal name, waits until it is ready and says how to call it', async () => {
    verifies('cli:deploy-create');
    await using server = await fakeServer({
      ...ready,
      'POST /runtimes/': { agentRuntimes: [] },
      'PUT /runtimes/': changed,
    });
    await using user = await fakeContext({ env: server.env });
    await writeFile(join(user.folder, 'vars'), 'A=1\nB="two words"\n');

    const code = await user.run(
      ...[
        'deploy',
        'ghcr.io/me/hello-node:v1',
        '--env-file',
        join(user.folder, 'vars'),
        '--env',
        'A=2',
        '--idle-timeout',
        '5m',
        '--protocol',
        'MCP',
      ],
    );

    assert.equal(code, 0, user.stderr());
    const create = server.seen.find((request) => request.method === 'PUT');
    assert.deepEqual(JSON.parse(create?.body ?? ''), {
      agentRuntimeName: 'hello_node',
      networkConfiguration: { networkMode: 'PUBLIC' },
      roleArn: 'arn:aws:iam::000000000000:role/berth-agent',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: 'ghcr.io/me/hello-node:v1' } },
      environmentVariables: { A: '2', B: 'two words' },
      protocolConfiguration: { serverProtocol: 'MCP' },
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 300 },
    });
    assert.match(
      create?.headers.authorization ?? '',
      /^AWS4-HMAC-SHA256 Credential=AKIA.*bedrock-agentcore\/aws4_request/,
    );
    assert.match(user.stdout(), /berth invoke hello_node '\{"prompt":"hi"\}'/);
    assert.match(user.stderr(), /Creating hello_node/);
  });

  it('says whose tokens callers bring, keeps that on the next deploy, and goes back to signatures', async () => {
    verifies('cli:deploy-authorizer');
    const authorizerConfiguration = {
      customJWTAuthorizer: {
        discoveryUrl: 'http://berth.test:4700/berth-issuer/.well-known/openid-configuration',
        allowedClients: ['web', 'cli'],
        allowedAudience: ['api'],
        allowedScopes: ['read'],
      },
    };
    let before: object = details;
    const answers: Record<string, Answer> = {
      ...ready,
      ...registry('hello-node', new Map()),
      [`GET ${path}`]: (_request, response) => void response.end(JSON.stringify(before)),
      [`PUT ${path}`]: { ...changed, agentRuntimeVersion: '2' },
      'POST /runtimes/': { agentRuntimes: [hello] },
    };
    await using server = await fakeServer(answers);
    await using user = await fakeContext({ env: server.env });
    const sent = async (...flags: readonly string[]) => {
      const code = await user.run('deploy', 'ghcr.io/me/hello-node:v1', '--no-wait', ...flags);
      if (code !== 0) return code;
      const update = JSON.parse(server.seen.at(-1)?.body ?? '') as { authorizerConfiguration?: object };
      return update.authorizerConfiguration;
    };

    assert.deepEqual(
      await sent(
        ...['--jwt-discovery-url', 'development', '--jwt-client', 'web', '--jwt-client', 'cli'],
        ...['--jwt-audience', 'api', '--jwt-scope', 'read'],
      ),
      authorizerConfiguration,
    );
    assert.equal(await sent('--jwt-client', 'web'), 2);
    before = { ...details, authorizerConfiguration };
    assert.deepEqual(await sent(), authorizerConfiguration);
    assert.deepEqual(await sent('--jwt-client', 'mobile'), {
      customJWTAuthorizer: { ...authorizerConfiguration.customJWTAuthorizer, allowedClients: ['mobile'] },
    });
    assert.equal(await sent('--sigv4'), undefined);
    assert.equal(await sent('--sigv4', '--jwt-scope', 'read'), 2);
  });

  it('shows how far the image has come while it waits', async () => {
    verifies('images:progress', 'cli:deploy-create');
    let looks = 0;
    await using server = await fakeServer({
      ...ready,
      [`GET ${path}`]: (_request, response) => {
        looks += 1;
        response.end(JSON.stringify({ ...details, status: looks === 1 ? 'CREATING' : 'READY' }));
      },
      [`GET /berth/v1/runtimes/${hello.agentRuntimeId}/versions/1/preparation`]: {
        phase: 'pulling',
        done: 5_000_000,
        total: 20_000_000,
      },
      'POST /runtimes/': { agentRuntimes: [] },
      'PUT /runtimes/': changed,
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('deploy', 'ghcr.io/me/hello-node:v1'), 0, user.stderr());

    assert.match(user.stderr(), /version 1 is pulling its image: 5\.0 MB of 20\.0 MB/);
  });

  it('says what the image costs, on stderr', async () => {
    verifies('images:emulation');
    await using server = await fakeServer({
      ...ready,
      [`GET /berth/v1/runtimes/${hello.agentRuntimeId}/versions/1/preparation`]: {
        warning: 'It is emulated.',
      },
      'POST /runtimes/': { agentRuntimes: [] },
      'PUT /runtimes/': changed,
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('deploy', 'ghcr.io/me/hello-node:v1'), 0, user.stderr());

    assert.match(user.stderr(), /^warning: It is emulated\.$/m);
  });

  it('carries every setting over that a re-deploy does not give', async () => {
    verifies('cli:deploy-again');
    const before = {
      ...details,
      description: 'old',
      environmentVariables: { KEEP: '1', CHANGE: '1', DROP: '1' },
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 60, maxLifetime: 3600 },
      requestHeaderConfiguration: { requestHeaderAllowlist: ['X-A'] },
      workloadIdentityDetails: { workloadIdentityArn: 'arn:x' },
    };
    await using server = await fakeServer({
      ...ready,
      [`GET ${path}`]: before,
      'POST /runtimes/': { agentRuntimes: [hello] },
      [`PUT ${path}`]: { ...changed, agentRuntimeVersion: '2' },
    });
    await using user = await fakeContext({ env: server.env });

    const code = await user.run(
      ...[
        'deploy',
        'hello-node:v2',
        '--env',
        'CHANGE=2',
        '--unset-env',
        'DROP',
        '--max-lifetime',
        '7200',
        '--json',
      ],
    );

    assert.equal(code, 0, user.stderr());
    assert.deepEqual(JSON.parse(server.seen.find((request) => request.method === 'PUT')?.body ?? ''), {
      agentRuntimeArtifact: { containerConfiguration: { containerUri: 'hello-node:v2' } },
      networkConfiguration: { networkMode: 'PUBLIC' },
      roleArn: before.roleArn,
      description: 'old',
      environmentVariables: { KEEP: '1', CHANGE: '2' },
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 60, maxLifetime: 7200 },
      requestHeaderConfiguration: before.requestHeaderConfiguration,
    });
  });

  it('fails with the reason when the image cannot be used', async () => {
    verifies('cli:deploy-failed');
    await using server = await fakeServer({
      'POST /runtimes/': { agentRuntimes: [] },
      'PUT /runtimes/': changed,
      [`GET ${path}`]: {
        ...details,
        status: 'CREATE_FAILED',
        failureReason: 'there is no image for linux/amd64',
      },
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('deploy', 'hello-node'), 1);

    assert.match(user.stderr(), /CREATE_FAILED: there is no image for linux\/amd64/);
  });

  it('pushes an OCI layout after logging in as docker does, and pins its digest', async () => {
    verifies('cli:deploy-push');
    const put = new Map<string, SeenRequest>();
    await using server = await fakeServer({
      ...ready,
      ...registry('hello-node', put),
      'POST /runtimes/': { agentRuntimes: [] },
      'PUT /runtimes/': changed,
    });
    await using user = await fakeContext({ env: server.env });
    const { digest, layer } = await writeLayout(join(user.folder, 'image'));

    const code = await user.run('deploy', `oci:${join(user.folder, 'image')}`, '--name', 'hello-node');

    assert.equal(code, 0, user.stderr());
    assert.equal(put.get(layer)?.body, 'layer');
    const create = server.seen.find((request) => request.method === 'PUT' && request.url === '/runtimes/');
    assert.ok(create?.body.includes(`"berth.test:4700/hello-node@${digest}"`));
    assert.equal(digestOf(put.get('manifest')?.body ?? ''), digest);
  });

  it('pushes an archive as docker save wrote it before version 25', async () => {
    const put = new Map<string, SeenRequest>();
    await using server = await fakeServer({
      ...ready,
      ...registry('hello-node', put),
      'POST /runtimes/': { agentRuntimes: [] },
      'PUT /runtimes/': changed,
    });
    await using user = await fakeContext({ env: server.env });
    const content = join(user.folder, 'content');
    await mkdir(join(content, 'abc'), { recursive: true });
    await writeFile(join(content, 'abc', 'layer.tar'), 'old layer');
    await writeFile(join(content, 'config.json'), '{"architecture":"amd64"}');
    await writeFile(
      join(content, 'manifest.json'),
      JSON.stringify([{ Config: 'config.json', RepoTags: ['hello:v1'], Layers: ['abc/layer.tar'] }]),
    );
    execFileSync('tar', ['-cf', join(user.folder, 'hello-node.tar'), '-C', content, '.']);

    const code = await user.run('deploy', join(user.folder, 'hello-node.tar'));

    assert.equal(code, 0, user.stderr());
    assert.equal(put.get(digestOf('old layer'))?.body, 'old layer');
    const manifest = JSON.parse(put.get('manifest')?.body ?? '');
    assert.equal(manifest.layers[0].mediaType, 'application/vnd.oci.image.layer.v1.tar');
  });

  it('names the content of a layout that is damaged, before anything is pushed', async () => {
    verifies('cli:deploy-push');
    await using server = await fakeServer(registry('hello-node', new Map()));
    await using user = await fakeContext({ env: server.env });
    const layout = join(user.folder, 'hello-node');
    const { layer } = await writeLayout(layout);
    await writeFile(join(layout, 'blobs', 'sha256', layer.slice(7)), 'longer than it was');

    assert.equal(await user.run('deploy', `oci:${layout}`), 1);

    assert.match(user.stderr(), new RegExp(`${layer.slice(7)} has 18 bytes, and its manifest says 5`));
    assert.ok(server.seen.every(({ method }) => method !== 'PUT'));
  });

  it('refuses an archive whose links lead out of it, and files that are no image', async () => {
    await using server = await fakeServer({});
    await using user = await fakeContext({ env: server.env });
    await writeFile(
      join(user.folder, 'manifest.json'),
      JSON.stringify([{ Config: '../../etc/passwd', Layers: [] }]),
    );
    execFileSync('tar', ['-cf', join(user.folder, 'evil.tar'), '-C', user.folder, 'manifest.json']);

    assert.equal(await user.run('deploy', join(user.folder, 'evil.tar')), 1);
    assert.match(user.stderr(), /leads out of it|lacks '/);
    assert.equal(await user.run('deploy', './missing.tar'), 2);
    assert.deepEqual(server.seen, []);
  });
});

async function writeLayout(folder: string): Promise<{ digest: string; layer: string }> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  const blob = async (text: string) => {
    const digest = digestOf(text);
    await writeFile(join(folder, 'blobs', 'sha256', digest.slice(7)), text);
    return { digest, size: text.length };
  };
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...(await blob('{}')) };
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', ...(await blob('layer')) };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = await blob(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }));
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, ...manifest }] }),
  );
  return { digest: manifest.digest, layer: layer.digest };
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
