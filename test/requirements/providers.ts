const providersSource = 'issue identity, Providers';

/** Configured sources of outside credentials for agents. */
export const providers = {
  'provider:operations': {
    text: 'All operations of OAuth2 and API-key credential providers are served, with every output member that the model requires',
    source: `${providersSource} / contract 2.4`,
  },
  'provider:arns': {
    text: 'Providers have the ARNs that AWS gives them, and so have the objects that name their secrets',
    source: 'contract 1.8, 2.4',
  },
  'provider:vendors': {
    text: 'Every vendor of the model can be used, each with its real discovery document or endpoints',
    source: providersSource,
  },
  'provider:own-issuers': {
    text: 'A vendor whose customers have issuers of their own is refused without one, with an example',
    source: providersSource,
  },
  'provider:custom': {
    text: 'CustomOauth2 takes a discovery document or metadata, client secrets in both forms, private-key JWTs and token exchange, and answers them back',
    source: `${providersSource}; Flows`,
  },
  'provider:signing-key': {
    text: 'Only admins let a provider use a key of the key ring, in making it and with each update, whatever that changes',
    source: 'design 4, Secrets are sealed',
  },
  'provider:assertion-audience': {
    text: 'A client assertion is made out to the issuer of the server that it is sent to, or to a token endpoint that the request names: a document of another issuer than its URL says is refused',
    source: 'OpenID Connect Discovery 4.3 / RFC 8414, 3.3',
  },
  'provider:unbuilt-refused': {
    text: 'Members of providers that are not built are refused with what to use instead, never ignored',
    source: 'design 4 / contract 2.4',
  },
  'provider:destinations': {
    text: 'Authorization servers are neither on this machine nor in private networks, unless the operator names them',
    source: 'issue identity, Flows / design 4',
  },
  'provider:callback': {
    text: 'Every OAuth2 provider has a callback URL of its own under BERTH_PUBLIC_URL',
    source: `${providersSource} / contract 1.4`,
  },
  'provider:sealed': {
    text: "A provider's secret is sealed in the vault under the provider's own key and is in no answer but that of GetResourceApiKey, in no error and in no row",
    source: 'issue identity, Vault / design 4, Secrets are sealed',
  },
  'provider:external': {
    text: 'A secret that the user keeps is read from a file of the folder BERTH_SECRETS_DIR each time it is used',
    source: 'contract 2.4',
  },
  'provider:external-confined': {
    text: 'No secret is read from outside that folder, nor from a file that others may read or change, and errors hold nothing of the content',
    source: 'design 4, Secrets are sealed',
  },
  'provider:rotation': {
    text: 'An update replaces the secret from then on; what users granted stays good',
    source: providersSource,
  },
  'provider:kept-secret': {
    text: 'An update without a secret keeps the one that is there, which is never sent to another authorization server than it was given for; neither is a new one, by a call that is under way',
    source: 'design 4, Secrets are sealed',
  },
  'provider:moved': {
    text: 'When a provider moves to another authorization server, what users granted through the old one is forgotten, and never sent there',
    source: 'issue identity, Providers',
  },
  'provider:deleted': {
    text: 'Deleting a provider destroys its key and revokes what came through it at once; a new one of the same name has none of it',
    source: providersSource,
  },
  'provider:conflicts': {
    text: 'A taken name, and an update that another one overtook, answer ConflictException',
    source: 'contract 2.4',
  },
  'provider:quotas': {
    text: 'More than 50 providers of a kind are refused, or than the settings say',
    source: 'contract 5.2',
  },
  'provider:pages': {
    text: 'Providers are listed by name, in pages of at most 20 OAuth2 and 100 API-key ones',
    source: 'contract 1.3',
  },
  'provider:tags': {
    text: 'Providers can be tagged when they are made and later, by either form of their ARN',
    source: 'contract 1.8, 2.15',
  },
  'provider:errors': {
    text: 'Every error that can happen to these operations has the name and status of the model',
    source: 'issue identity, Done when 3 / contract 1.6',
  },
  'provider:api-key': {
    text: 'GetResourceApiKey gives the key to whoever shows a good workload token, of the account and region of both',
    source: 'contract 3.2 / labs L5b',
  },
  'provider:workloads': {
    text: 'A provider can be kept to some workloads by a tag: others get nothing of it, by any flow',
    source: 'issue identity, Authorisation',
  },
  'provider:own-workload': {
    text: 'An agent may show only tokens of its own workload identity',
    source: 'issue identity, Authorisation',
  },
  'provider:cli': {
    text: 'berth identity api-key and oauth2 create, list, update and delete providers; completion knows them',
    source: providersSource,
  },
  'provider:cli-secret': {
    text: 'The command reads secrets from standard input or a hidden prompt, never from its arguments',
    source: providersSource,
  },
  'provider:recipes': {
    text: 'docs/identity/providers.md has a recipe for every vendor, with its addresses as the code has them',
    source: 'issue identity, Done when 4',
  },
} as const;
