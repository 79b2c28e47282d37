import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import { formatReference, isLocal, parseReference } from './reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const names = {
  accountId: '123456789012',
  publicUrl: 'https://berth.example',
  listen: { host: '0.0.0.0', port: 4700 },
};

describe('a container URI', () => {
  it('is read as Docker reads it', () => {
    verifies('images:reference');
    const read = (uri: string) => formatReference(parseReference(uri));

    assert.equal(read('alpine'), 'docker.io/library/alpine:latest');
    assert.equal(read('alpine:3.20'), 'docker.io/library/alpine:3.20');
    assert.equal(read('me/agent'), 'docker.io/me/agent:latest');
    assert.equal(read('index.docker.io/alpine'), 'docker.io/library/alpine:latest');
    assert.equal(read('localhost/agent'), 'localhost/agent:latest');
    assert.equal(read('127.0.0.1:4700/team/agent:v1'), '127.0.0.1:4700/team/agent:v1');
    assert.equal(read('[::1]:5000/agent'), '[::1]:5000/agent:latest');
    assert.equal(read('ghcr.io/org/agent'), 'ghcr.io/org/agent:latest');
    assert.equal(read('GHCR.io/org/agent'), 'ghcr.io/org/agent:latest');
    assert.equal(read(`ghcr.io/org/agent@${digest}`), `ghcr.io/org/agent@${digest}`);
    assert.equal(read(`ghcr.io/org/agent:v1@${digest}`), `ghcr.io/org/agent:v1@${digest}`);
  });

  it('is refused with what was expected when it is none', () => {
    verifies('images:reference', 'images:names');
    const bad = [
      '',
      ':v1',
      '/agent',
      'ghcr.io/',
      'ghcr.io/Org/agent',
      'ghcr.io/org//agent',
      'ghcr.io/../agent',
      'ghcr.io/org/agent:',
      'ghcr.io/org/agent:v 1',
      `ghcr.io/org/agent:${'t'.repeat(129)}`,
      'ghcr.io/org/agent@sha256:short',
      `ghcr.io/org/agent@${digest}@${digest}`,
      'https://ghcr.io/org/agent',
      'user@ghcr.io/org/agent',
      'ghcr.io:99999/agent',
      'ghcr.io:port/agent',
      '-bad.host/agent',
      'a\nb/agent',
      'x'.repeat(1100),
    ];

    for (const uri of bad) {
      assert.throws(
        () => parseReference(uri),
        (error) => error instanceof BerthError && error.code === 'validation',
        uri,
      );
    }
  });

  it('means the local repository by any name of this server', () => {
    verifies('images:reference');
    const local = [
      '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:v1',
      '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/agent:v1',
      '127.0.0.1:4700/agent',
      'localhost:4700/agent',
      '[::1]:4700/agent',
      'berth.example/agent',
      'berth.example:443/agent',
    ];
    const remote = [
      '999999999999.dkr.ecr.us-west-2.amazonaws.com/agent',
      '123456789012.dkr.ecr.us-west-2.amazonaws.com.evil.example/agent',
      '127.0.0.1:4701/agent',
      'berth.example:4700/agent',
      'agent',
      'berth.example.org/agent',
    ];

    for (const uri of local) assert.equal(isLocal(parseReference(uri), names), true, uri);
    for (const uri of remote) assert.equal(isLocal(parseReference(uri), names), false, uri);
  });
});
