import type { DocumentedPlace } from './secret-search.ts';

const serversOwn = /^the environment of (the server|a command of the operator)$/;

/** As docs/identity/vault.md has them; everything else is a leak. */
export const documentedPlaces: readonly DocumentedPlace[] = [
  { secret: 'master key', place: serversOwn },
  { secret: 'key of the collector', place: serversOwn },
  { secret: 'secret of the first key', place: /^file credentials$/ },
  { secret: 'variable of a runtime', place: /^file berth\.db(-wal)?$/ },
  { secret: 'variable of a runtime', place: /^column runtime_versions\.settings_json$/ },
  {
    secret: 'variable of a runtime',
    place: /^file containerd\/io\.containerd\.metadata\.v1\.bolt\/meta\.db$/,
  },
  { secret: 'variable of a runtime', place: /^file of the engine \S+\/config\.json$/ },
  { secret: 'variable of a runtime', place: /^the environment of a sandbox$/ },
  { secret: 'variable of a runtime', place: /^the answer to GET \/runtimes\/signed-\w+\/$/ },
];

/** Public things, and where each has to be found: a search that does not find them looks at nothing there. */
export const controls: readonly (readonly [mark: string, place: RegExp])[] = [
  ['id of a session', /^file server\.log$/],
  ['id of a session', /^file berth\.db$/],
  ['id of a session', /^column sessions\.session_id$/],
  ['id of a session', /^traces$/],
  ['id of a runtime', /^exported metrics$/],
  ['id of a runtime', /^metrics$/],
  ['id of a runtime', /^the answer to GET \/berth\/v1\/sessions$/],
  ['id of a runtime', /^file containerd\/.*\/meta\.db$/],
  ['id of a runtime', /^file of the engine \S+\/config\.json$/],
  ['id of a runtime', /^what berth audit says$/],
  ['name of a provider', /^errors$/],
  ['name of an API key', /^the answer to POST \/identities\/ListApiKeyCredentialProviders$/],
  ['name of a provider', /^what berth identity says$/],
  ['title of a page', /^pages$/],
  ['home', /^the command line of containerd$/],
  ['home', /^the command line of the server$/],
  ['name of the service', /^the environment of the server$/],
  ['folder of the engine', /^the environment of containerd$/],
  ['id of a sandbox', /^the command line of containerd-shim$/],
];
