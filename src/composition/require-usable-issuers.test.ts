import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { IssuerPolicy } from '../auth/jwt/issuer-policy.ts';
import { requireUsableIssuers } from './require-usable-issuers.ts';

test('a server does not start with an issuer of users that it may never ask', () => {
  verifies('token:for-jwt');
  const policy = new IssuerPolicy({ privateIssuers: ['http://127.0.0.1:8080'], hostAddresses: () => [] });
  const check = (...urls: string[]) => requireUsableIssuers(urls, (url) => policy.problemOf(new URL(url)));
  const path = '/.well-known/openid-configuration';
  check();
  check(`https://login.example${path}`, `http://127.0.0.1:8080${path}`);
  assert.throws(() => check(`https://login.example${path}`, `http://127.0.0.1:9090${path}`), {
    code: 'validation',
    message: /^BERTH_USER_TOKEN_ISSUERS cannot be used\. .*BERTH_PRIVATE_ISSUERS/,
  });
});
