import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { issuerOf, mayBeNamed } from './issuer-name.ts';

const at = (base: string) => `${base}/.well-known/openid-configuration`;

test('the issuer is what its discovery URL belongs to', () => {
  assert.equal(issuerOf(at('https://a.example/pool')), 'https://a.example/pool');
  assert.equal(issuerOf('https://a.example/.well-known/oauth-authorization-server/p'), 'https://a.example/p');
  const contrived = at('https://.well-known/openid-configuration/b.example');
  assert.doesNotMatch(issuerOf(contrived), /^https:\/\/b\.example/);
});

test('no discovery document may give its issuer the name of another one', () => {
  verifies('auth:bearer-issuer-name');
  const pool = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI';
  for (const [base, name] of [
    [pool, pool],
    ['https://team.auth0.example', 'https://team.auth0.example/'],
    ['https://login.corp.example/realms/a', 'https://login.corp.example/realms/a'],
  ] as const)
    assert.equal(mayBeNamed(at(base), name), true, name);
  for (const [base, name] of [
    ['https://evil.example', 'https://login.corp.example'],
    ['https://login.corp.example/evil', 'https://login.corp.example'],
    ['https://login.corp.example/evil', 'https://login.corp.example/realms/a'],
    ['https://login.corp.example', 'http://login.corp.example'],
    ['https://login.corp.example', 'https://login.corp.example//'],
    ['https://login.corp.example.evil.example', 'https://login.corp.example'],
    ['https://evil.example', 'corp'],
  ] as const)
    assert.equal(mayBeNamed(at(base), name), false, `${base} as ${name}`);
});

test("Microsoft's issuers have the names that Microsoft gives them, and nobody else's", () => {
  verifies('auth:bearer-issuer-name');
  const tenant = '72f988bf-86f1-41af-91ab-2d7cd011db47';
  const [entra, classic] = ['https://login.microsoftonline.com', `https://sts.windows.net/${tenant}/`];
  for (const [base, name] of [
    [`${entra}/${tenant}/v2.0`, `${entra}/${tenant}/v2.0`],
    [`${entra}/corp.example/v2.0`, `${entra}/${tenant}/v2.0`],
    [`${entra}/${tenant}`, classic],
    [`https://login.microsoftonline.us/${tenant}`, classic],
    [`https://login.partner.microsoftonline.cn/${tenant}`, `https://sts.chinacloudapi.cn/${tenant}/`],
    [`https://corp.ciamlogin.com/corp.example/v2.0`, `https://${tenant}.ciamlogin.com/${tenant}/v2.0`],
    [`https://corp.b2clogin.com/corp.example/b2c_1/v2.0`, `https://corp.b2clogin.com/${tenant}/v2.0/`],
  ] as const)
    assert.equal(mayBeNamed(at(base), name), true, name);
  for (const [base, name] of [
    // Of any tenant at all: no token has this name.
    [`${entra}/common/v2.0`, `${entra}/{tenantid}/v2.0`],
    [`${entra}/${tenant}`, 'https://login.corp.example'],
    [`${entra}/${tenant}`, `https://sts.windows.net/${tenant}/x`],
    [`http://login.microsoftonline.com/${tenant}`, classic],
    ['https://login.microsoftonline.com.evil.example', classic],
    ['https://evil.example/login.microsoftonline.com', classic],
    ['https://corp.b2clogin.com/corp.example/b2c_1/v2.0', `https://other.b2clogin.com/${tenant}/v2.0/`],
  ] as const)
    assert.equal(mayBeNamed(at(base), name), false, `${base} as ${name}`);
});
