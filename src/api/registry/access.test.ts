import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { verifies } from '../../../test/requirements.ts';
import { digestOf, makeSampleImage } from '../../images/testing/sample-image.ts';
import { type ListeningRegistry, listenWithRegistry, toBasic } from './testing/listening-registry.ts';
import { assertRefused, pushImage } from './testing/registry-content.ts';

const tokenAnswer = z.object({ token: z.string(), access_token: z.string() });

describe('access to the registry', () => {
  let registry: ListeningRegistry;
  const image = makeSampleImage();
  before(async () => {
    registry = await listenWithRegistry();
    await pushImage(registry, 'app', 'v1', image);
  });
  after(() => registry[Symbol.asyncDispose]());
  const tokenFor = async (login: string, ...scopes: string[]) => {
    const query = scopes.map((scope) => `scope=${encodeURIComponent(scope)}`).join('&');
    const answer = await registry.call('GET', `/v2/token?service=berth&${query}`, {
      authorization: toBasic(login),
    });
    assert.equal(answer.status, 200);
    const { token, access_token: accessToken } = tokenAnswer.parse(await answer.json());
    assert.equal(token, accessToken);
    return `Bearer ${token}`;
  };

  it('challenges a caller without credentials with address, service and scope of a token', async () => {
    verifies('images:login', 'images:roles', 'authz:audit-doors');
    const toldBefore = registry.audit.lines.length;
    const base = await registry.call('GET', '/v2/', { authorization: null });
    const push = await registry.call('POST', '/v2/app/blobs/uploads/', { authorization: null });
    const realm = `realm="http://${registry.host}/v2/token",service="${registry.host}"`;

    assert.equal(base.headers.get('www-authenticate'), `Bearer ${realm}`);
    assert.equal(push.headers.get('www-authenticate'), `Bearer ${realm},scope="repository:app:pull,push"`);
    await assertRefused(base, 401, 'UNAUTHORIZED');
    await assertRefused(push, 401, 'UNAUTHORIZED');
    assert.equal(registry.audit.lines.length, toldBefore, 'who shows nothing is not refused anything');
  });

  it('tells the audit log of users, passwords and tokens that are not good, and of none of their secrets', async () => {
    verifies('authz:audit-doors');
    const toldBefore = registry.audit.lines.length;
    const id = 'AKIAABCDEFGHIJKLMNOP';
    const proofs = [
      toBasic(`${id}:guess`),
      toBasic('AWS:guess'),
      toBasic('guess:guess'),
      'Bearer guess',
      'Digest guess',
    ];
    for (const authorization of proofs) {
      await assertRefused(await registry.call('GET', '/v2/', { authorization }), 401, 'UNAUTHORIZED');
      if (authorization.startsWith('Basic')) {
        const token = await registry.call('GET', '/v2/token?scope=guess', { authorization });
        await assertRefused(token, 401, 'UNAUTHORIZED');
      }
    }
    const body = new URLSearchParams({ username: id, password: 'guess' }).toString();
    await assertRefused(
      await registry.call('POST', '/v2/token', { authorization: null, body }),
      401,
      'UNAUTHORIZED',
    );
    const told = registry.audit.lines.slice(toldBefore);
    assert.equal(told.length, 9);
    for (const line of told)
      assert.match(line, /^unproven \S+ berth:Authenticate \/v2\/(token)? \(user, password or token/);
    assert.equal(told.filter((line) => line.includes(id)).length, 3);
    assert.doesNotMatch(told.join(), /guess/);
  });

  it('lets a limited key push and pull repositories that are named like its runtimes, and no others', async () => {
    verifies('authz:limits-registry');
    const own = await tokenFor(registry.limited, 'repository:team-a-agent:pull,push,delete');
    const other = await tokenFor(registry.limited, 'repository:app:pull,push');
    const upload = (repository: string, authorization: string) =>
      registry.call('POST', `/v2/${repository}/blobs/uploads/`, { authorization });
    assert.equal((await upload('team-a-agent', own)).status, 202);
    assert.equal((await upload('team_a_agent', toBasic(registry.limited))).status, 202);
    for (const authorization of [own, other, toBasic(registry.limited)]) {
      await assertRefused(await upload('app', authorization), 403, 'DENIED');
      const pull = await registry.call('GET', '/v2/app/manifests/v1', { authorization });
      await assertRefused(pull, 403, 'DENIED');
    }
    const mount = `/v2/team-a-agent/blobs/uploads/?mount=${image.layers[0]?.digest}&from=app`;
    await assertRefused(await registry.call('POST', mount, { authorization: own }), 403, 'DENIED');
    const catalog = await registry.call('GET', '/v2/_catalog', { authorization: toBasic(registry.limited) });
    assert.equal(catalog.status, 403);
  });

  it('tells the audit log who pushed, who removed and who was refused', async () => {
    verifies('authz:audit');
    const { lines } = registry.audit;
    lines.length = 0;
    await pushImage(registry, 'audited', 'v1', image);
    await registry.call('GET', '/v2/audited/manifests/v1');
    const push = await registry.call('PUT', '/v2/audited/manifests/v2', {
      authorization: toBasic(registry.invoke),
      body: '{}',
    });
    await assertRefused(push, 403, 'DENIED');
    await registry.call('DELETE', '/v2/audited/manifests/v1');
    assert.deepEqual(
      lines.map((line) => line.replace(/arn:aws:iam::\d{12}:/, '')),
      [
        'allow user/admin berth:PushImage audited:v1 (role admin)',
        'deny user/invoke berth:PushImage audited (role invoker)',
        'allow user/admin berth:DeleteImage audited:v1 (role admin)',
      ],
    );
  });

  it('gives a token for Basic credentials, in the header or in a form', async () => {
    verifies('images:login');
    const bearer = await tokenFor(registry.admin, 'repository:app:pull');
    const [username = '', password = ''] = registry.admin.split(/:(.*)/s);
    const form = new URLSearchParams({
      grant_type: 'password',
      username,
      password,
      scope: 'repository:app:pull',
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const posted = await registry.call('POST', '/v2/token', {
      authorization: null,
      headers,
      body: form.toString(),
    });
    const postedBearer = `Bearer ${tokenAnswer.parse(await posted.json()).access_token}`;

    for (const authorization of [bearer, postedBearer]) {
      assert.equal((await registry.call('GET', '/v2/app/manifests/v1', { authorization })).status, 200);
    }
  });

  it('takes an access key with its secret over loopback', async () => {
    verifies('images:login');
    const authorization = toBasic('AKIATESTADMIN:secret of admin');

    assert.equal((await registry.call('GET', '/v2/', { authorization })).status, 200);
  });

  it('refuses wrong credentials everywhere', async () => {
    verifies('images:roles');
    for (const authorization of [
      toBasic('AWS:guess'),
      toBasic('AKIATESTADMIN:guess'),
      'Bearer x.y',
      'Digest x',
      'Basic %%%',
      toBasic('no colon'),
    ]) {
      await assertRefused(
        await registry.call('GET', '/v2/app/manifests/v1', { authorization }),
        401,
        'UNAUTHORIZED',
      );
      await assertRefused(await registry.call('GET', '/v2/token', { authorization }), 401, 'UNAUTHORIZED');
    }
    const query = await registry.call(
      'GET',
      `/v2/token?username=AKIATESTADMIN&password=secret%20of%20admin`,
      { authorization: null },
    );
    await assertRefused(query, 401, 'UNAUTHORIZED');
  });

  it('lets a token do what its scope says, and asks for another one for the rest', async () => {
    verifies('images:roles');
    const authorization = await tokenFor(registry.admin, 'repository:app:pull');

    const push = await registry.call('POST', '/v2/app/blobs/uploads/', { authorization });
    const elsewhere = await registry.call('GET', '/v2/other/manifests/v1', { authorization });

    assert.match(push.headers.get('www-authenticate') ?? '', /scope="repository:app:pull,push"/);
    await assertRefused(push, 401, 'UNAUTHORIZED');
    await assertRefused(elsewhere, 401, 'UNAUTHORIZED');
  });

  it('asks for a token that covers both repositories before it mounts from one to the other', async () => {
    verifies('images:mount', 'images:mount-scope', 'images:roles');
    const narrow = await tokenFor(registry.admin, 'repository:copy:pull,push');
    const wide = await tokenFor(registry.admin, 'repository:copy:pull,push', 'repository:app:pull');
    const path = `/v2/copy/blobs/uploads/?mount=${image.config.digest}&from=app`;

    const refused = await registry.call('POST', path, { authorization: narrow });
    await assertRefused(refused, 401, 'UNAUTHORIZED');
    assert.match(
      refused.headers.get('www-authenticate') ?? '',
      /scope="repository:copy:pull,push repository:app:pull"/,
    );
    assert.equal((await registry.call('POST', path, { authorization: wide })).status, 201);
  });

  it('lets a key that may only invoke pull, and nothing else', async () => {
    verifies('images:roles');
    const bearer = await tokenFor(registry.invoke, 'repository:app:pull,push,delete');
    const before = registry.images.blobs.digests.length;

    for (const authorization of [bearer, toBasic(registry.invoke)]) {
      assert.equal((await registry.call('GET', '/v2/app/manifests/v1', { authorization })).status, 200);
      await assertRefused(
        await registry.call('DELETE', '/v2/app/manifests/v1', { authorization }),
        403,
        'DENIED',
      );
      await assertRefused(
        await registry.call('PUT', '/v2/app/manifests/v2', { authorization, body: '{}' }),
        403,
        'DENIED',
      );
      await assertRefused(
        await registry.call('POST', '/v2/app/blobs/uploads/', { authorization }),
        403,
        'DENIED',
      );
      await assertRefused(await registry.call('GET', '/v2/_catalog', { authorization }), 403, 'DENIED');
    }
    assert.equal(registry.images.blobs.digests.length, before);
  });

  it('writes nothing for a caller without credentials, and answers before the body is sent', async () => {
    verifies('images:roles');
    const content = Buffer.alloc(3_000_000, 'x');
    const digest = digestOf(content);
    const path = `/v2/app/blobs/uploads/?digest=${digest}`;

    const answer = await registry.call('POST', path, { authorization: null, body: content });

    await assertRefused(answer, 401, 'UNAUTHORIZED');
    assert.deepEqual(registry.images.blobs.openUploads, []);
    assert.equal((await registry.call('HEAD', `/v2/app/blobs/${digest}`)).status, 404);
  });

  it('gives no path outside the grammar of names', async () => {
    verifies('images:names');
    const paths = [
      '/v2/UPPER/manifests/v1',
      '/v2/../app/manifests/v1',
      '/v2/%2e%2e/app/manifests/v1',
      '/v2/app%2F..%2F..%2Fetc/manifests/v1',
      '/v2/app%2Fx/manifests/v1',
      '/v2//app/manifests/v1',
      '/v2/a..b/manifests/v1',
      '/v2/-a/manifests/v1',
      '/v2/app/./manifests/v1',
      `/v2/${'a/'.repeat(200)}b/manifests/v1`,
    ];

    for (const path of paths) await assertRefused(await rawGet(registry, path), 400, 'NAME_INVALID');
    await assertRefused(await rawGet(registry, '/v2/app/manifests/..'), 400, 'MANIFEST_INVALID');
    await assertRefused(
      await rawGet(registry, `/v2/app/manifests/${'t'.repeat(129)}`),
      400,
      'MANIFEST_INVALID',
    );
    await assertRefused(await rawGet(registry, '/v2/app/blobs/..%2Fx'), 400, 'DIGEST_INVALID');
    await assertRefused(
      await rawGet(registry, '/v2/app/blobs/uploads/..%2F..%2Fx'),
      404,
      'BLOB_UPLOAD_UNKNOWN',
    );
    await assertRefused(await rawGet(registry, '/v2/app'), 404, 'UNSUPPORTED');
  });

  it('keeps repositories apart whose names look like paths of others', async () => {
    verifies('images:names');
    const inner = makeSampleImage({ files: ['inner'] });
    await pushImage(registry, 'app/manifests', 'list', inner);
    await pushImage(registry, 'app/tags', 'list', inner);

    const tags = await (await registry.call('GET', '/v2/app/tags/list')).json();
    const nested = await registry.call('GET', '/v2/app/manifests/manifests/list');

    assert.deepEqual(tags, { name: 'app', tags: ['v1'] });
    assert.equal(nested.headers.get('docker-content-digest'), inner.manifest.digest);
  });

  it('says which methods a path takes', async () => {
    verifies('images:names');
    const answer = await registry.call('PUT', '/v2/app/tags/list');

    assert.equal(answer.headers.get('allow'), 'GET');
    await assertRefused(answer, 405, 'UNSUPPORTED');
  });

  it('lists repositories', async () => {
    const answer = await registry.call('GET', '/v2/_catalog?n=1');

    assert.deepEqual(await answer.json(), { repositories: ['app'] });
  });

  it('has no failures that nobody expected', () => {
    assert.deepEqual(registry.unexpected, []);
  });
});

/** Sends the path as it is: `fetch` would resolve its dots. */
async function rawGet(registry: ListeningRegistry, path: string): Promise<Response> {
  const url = new URL(`http://${registry.host}`);
  const socket = connect(Number(url.port), url.hostname);
  socket.end(
    `GET ${path} HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: ${toBasic(registry.admin)}\r\nconnection: close\r\n\r\n`,
  );
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const [head = '', body] = Buffer.concat(chunks).toString().split('\r\n\r\n');
  return new Response(body, {
    status: Number(head.split(' ')[1]),
    headers: { 'content-type': /content-type: ([^\r]+)/.exec(head)?.[1] ?? '' },
  });
}
