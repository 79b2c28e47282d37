import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { OauthVendorName } from '../../shared/oauth-vendors.ts';
import { vendorRow } from '../testing/vendor-row.ts';
import { completeSettings, type OauthSettings } from './oauth-settings.ts';
import { vendors } from './vendors.ts';

const names = Object.keys(vendors) as OauthVendorName[];

test('docs/identity/providers.md has every vendor with its addresses, and a recipe for each', async () => {
  verifies('provider:recipes');
  const page = await readFile(new URL('../../../docs/identity/providers.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| `\w+Oauth2` \|/.test(line));
  assert.deepEqual(rows, names.map(vendorRow));
  const recipes = [...page.matchAll(/^### .*\(`(\w+Oauth2)`\)$/gm)].map(([, name]) => name);
  assert.deepEqual(new Set(recipes), new Set(names));
  assert.equal(recipes.length, names.length);
});

test('what a vendor does its own way is said where the flows look', () => {
  verifies('provider:vendors');
  const dialectOf = (vendor: OauthVendorName) => completeSettings(settingsOf(vendor)).dialect;
  assert.deepEqual(dialectOf('SlackOauth2').accessTokenPaths, [
    ['access_token'],
    ['authed_user', 'access_token'],
  ]);
  assert.equal(dialectOf('SlackOauth2').scopeSeparator, ',');
  assert.equal(dialectOf('NotionOauth2').tokenRequestBody, 'json');
  assert.ok(dialectOf('RedditOauth2').tokenRequestHeaders['user-agent']);
  assert.equal(dialectOf('GithubOauth2').tokenRequestHeaders['accept'], 'application/json');
  assert.equal(dialectOf('XOauth2').usesPkce, true);
  assert.equal(dialectOf('MicrosoftOauth2').hasIssuerTemplate, true);
  assert.equal(completeSettings(settingsOf('MicrosoftOauth2')).onBehalfOf?.grant, 'jwt-bearer');
  for (const vendor of ['NotionOauth2', 'RedditOauth2', 'XOauth2'] as const)
    assert.equal(completeSettings(settingsOf(vendor)).clientAuthentication.kind, 'secret-basic');
});

function settingsOf(vendor: OauthVendorName): OauthSettings {
  return {
    ...{ vendor, clientId: 'client', place: { kind: 'vendor' } },
    ...{ clientAuthentication: undefined, onBehalfOf: undefined },
  };
}
