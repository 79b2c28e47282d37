import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { fuzzRounds, seeded } from '../../../test/fakes/seeded.ts';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RequestHead } from '../authenticator.ts';
import {
  botocoreAccessKey as key,
  botocorePresigned,
  botocoreRequests,
} from '../testing/botocore-requests.ts';
import { SigV4Authenticator } from './sigv4-authenticator.ts';

const rounds = fuzzRounds(300);
const authenticator = new SigV4Authenticator({
  accessKeys: { find: async (id) => (id === key.id ? key : undefined) },
  clock: { now: () => Date.parse('2027-01-15T08:00:00Z') },
  region: 'us-east-1',
});

async function isBelieved(head: RequestHead, body: string): Promise<boolean> {
  try {
    const pending = await authenticator.begin(head);
    pending.verifyBody(createHash('sha256').update(body).digest('hex'));
    return true;
  } catch (error) {
    assert.ok(error instanceof BerthError, String(error));
    return false;
  }
}

/** One character changed, put in or left out. */
function mutate(text: string, next: () => number): string {
  const at = Math.floor(next() * text.length);
  const other = String.fromCharCode(0x21 + Math.floor(next() * 94));
  return text.slice(0, at) + (next() < 0.7 ? other : '') + text.slice(at + (next() < 0.7 ? 1 : 0));
}

/** What a signature does not tell apart: how bytes are escaped, and slashes and pairs that say nothing. */
function meaningOf(rawUrl: string): string {
  const [path = '', query = ''] = rawUrl.split(/\?(.*)/s);
  const pairs = query.split('&').filter((pair) => pair !== '');
  return JSON.stringify([`/${path}`.replace(/\/+/g, '/'), pairs.map((pair) => escape(pair)).sort()]);
}

function escape(pair: string): string {
  try {
    const [name = '', ...value] = pair.split('=');
    return JSON.stringify([decodeURIComponent(name), decodeURIComponent(value.join('='))]);
  } catch {
    return pair;
  }
}

describe('AWS Signature Version 4, with noise in it', () => {
  for (const request of [...botocoreRequests, ...botocorePresigned]) {
    it(`is never believed when the URL was changed: ${request.name}`, async () => {
      verifies('auth:fuzz');
      const next = seeded(7);
      const { method, rawUrl, headers, body } = request;
      assert.ok(await isBelieved({ method, rawUrl, headers }, body));
      for (let round = 0; round < rounds; round += 1) {
        const changed = mutate(rawUrl, next);
        if (meaningOf(changed) === meaningOf(rawUrl)) continue;
        assert.equal(await isBelieved({ method, rawUrl: changed, headers }, body), false, changed);
      }
    });
  }

  for (const request of botocoreRequests) {
    it(`is never believed when the Authorization header was changed: ${request.name}`, async () => {
      verifies('auth:fuzz');
      const next = seeded(11);
      const { method, rawUrl, headers, body } = request;
      for (let round = 0; round < rounds; round += 1) {
        const authorization = mutate(headers.authorization, next);
        const isSame = normal(authorization) === normal(headers.authorization);
        const head = { method, rawUrl, headers: { ...headers, authorization } };
        if (!isSame) assert.equal(await isBelieved(head, body), false, authorization);
      }
    });
  }
});

/** Blanks between the parts and the case of names do not matter, nor a part that has no meaning. */
function normal(authorization: string): string {
  const named = /(credential|signedheaders|signature)=([^,\s]*)/gi;
  return [...authorization.matchAll(named)]
    .map(([, name = '', value = '']) => [
      name.toLowerCase(),
      /^s.*s$/i.test(name) ? value.toLowerCase() : value,
    ])
    .join();
}
