/** Authentication, keys, request bodies, the admin API, logs and metrics: issue "main path", Authentication and keys. */
export const auth = {
  'auth:sdk-signatures': {
    text: 'Requests signed by the AWS SDK for JavaScript and by botocore are accepted: encoded ARNs, repeated query keys, bodies with and without a signed hash',
    source: 'issue main path, Authentication / contract 1.2',
  },
  'auth:tampering': {
    text: 'A request whose method, path, query, signed header or body is not what was signed is refused with InvalidSignatureException',
    source: 'issue main path, Authentication',
  },
  'auth:unsigned': {
    text: 'An unsigned request is refused with MissingAuthenticationTokenException',
    source: 'issue main path, Authentication',
  },
  'auth:presigned': {
    text: 'Requests presigned in the query by botocore and by the AWS SDK for JavaScript are accepted, for WebSockets and for plain requests; the body is held to the hash that was signed',
    source: 'issue data plane, WebSocket / contract 1.4',
  },
  'auth:presigned-headers': {
    text: 'Whoever has a presigned URL cannot add to it a user, a workload token, a session or another header of the service',
    source: 'security review / contract 1.4',
  },
  'auth:presigned-expiry': {
    text: 'A presigned URL is good for as long as it says, at most 300 seconds, and from five minutes before it was signed',
    source: 'issue data plane, WebSocket / contract 1.4',
  },
  'auth:fuzz': {
    text: 'No change of a signed URL or Authorization header that means something else is believed, and none makes the server fail',
    source: 'issue data plane, done when 4',
  },
  'auth:unknown-key': {
    text: 'An unknown or revoked key, or a session token, is refused with UnrecognizedClientException',
    source: 'issue main path, Authentication',
  },
  'auth:skew': {
    text: 'A request signed more than five minutes before or after the arrival of its head is refused',
    source: 'design 4, authentication',
  },
  'auth:scope': {
    text: 'A signature for another region, service or day is refused with a message that says which was expected',
    source: 'issue main path, Authentication',
  },
  'auth:malformed': {
    text: 'Malformed, repeated or foreign Authorization headers, unsigned Host and unsigned payload forms are refused',
    source: 'issue main path, bad input',
  },
  'auth:host': {
    text: 'Host is verified as it arrived, and also when the client signed it with or without its port',
    source: 'contract 1.4 / client notes 7',
  },
  'auth:keys': {
    text: 'Keys have the form that AWS clients expect, a role and a name; the secret is shown once',
    source: 'issue main path, Authentication',
  },
  'auth:keys-sealed': { text: 'Secrets of keys are sealed in the database', source: 'design 4, secrets' },
  'auth:revoke': {
    text: 'A revoked key is useless from the next request on, at both servers of an upgrade whichever revoked it',
    source: 'issue main path, Authentication',
  },
  'auth:last-admin': {
    text: 'The last admin key cannot be revoked',
    source: 'issue main path, Authentication',
  },
  'auth:first-key': {
    text: 'The first start makes an admin key; later starts find the same one',
    source: 'design 4, authentication',
  },
  'auth:roles': {
    text: "A key with the role 'invoker' may invoke, stop sessions, pull images and ask who it is, and nothing else",
    source: 'issue main path, Authentication',
  },
  'auth:registry-token': {
    text: 'User AWS with a token that lasts 12 hours logs in to the registry; the token dies with its key',
    source: 'design 4, images',
  },
  'auth:registry-secret': {
    text: 'The registry takes a secret key itself only over loopback or TLS',
    source: 'design 4, images',
  },
  'auth:registry-roles': {
    text: 'Keys with the role invoker pull images and do not push',
    source: 'design 4, images',
  },
  'auth:body-held-back': {
    text: 'A body with a signed hash is relayed as it arrives, its last chunk only after the hash is verified',
    source: 'design 4, authentication',
  },
  'auth:body-spooled': {
    text: 'A body without a signed hash or without Content-Length is stored, verified and then relayed; nothing of it stays on disk',
    source: 'design 4, authentication',
  },
  'auth:body-limit': {
    text: 'A body of 100,000,000 bytes is taken, one byte more is refused with a ValidationException before anyone sees it',
    source: 'issue main path, Invocation',
  },
  'auth:spool-bounds': {
    text: 'What stored bodies take is bounded per key and in all; over it callers get ThrottlingException',
    source: 'design 4, authentication',
  },
  'auth:body-broken': {
    text: 'A body that breaks off or stalls is an error and leaves nothing behind',
    source: 'issue main path, bad input',
  },
  'auth:bearer': {
    text: 'Callers of a runtime with a customJWTAuthorizer prove themselves with a bearer token of its issuer, and with nothing else',
    source: 'issue data plane, Bearer callers / contract 1.7',
  },
  'auth:bearer-subject': {
    text: 'A bearer is known by issuer and sub, or, as a client, by client_id where there is no sub; a sub that is no name is refused; the user-id header means nothing for it',
    source: 'issue data plane, Bearer callers / labs 4.1, 9',
  },
  'auth:bearer-times': {
    text: 'A token without exp, or one that is expired, not valid yet or of another issuer, is refused, with a minute of skew',
    source: 'issue data plane, Bearer callers / RFC 7519',
  },
  'auth:bearer-signature': {
    text: "Only signatures with public keys (RSA, ECDSA, EdDSA) by a key of the issuer count, whatever the token's head says",
    source: 'issue data plane, Bearer callers / RFC 8725',
  },
  'auth:bearer-malformed': {
    text: 'What is no signed JWT, or is too long, is refused before an issuer is asked; tokens are never repeated',
    source: 'issue data plane, Bearer callers / design 4, secrets',
  },
  'auth:bearer-rules': {
    text: 'aud, client_id and scope (or scp) must be among those allowed, each where its list is there',
    source: 'contract 1.7 / labs 4.2, 28',
  },
  'auth:bearer-claims': {
    text: 'Custom claims are compared with EQUALS, CONTAINS and CONTAINS_ANY; a rule without a meaning is refused when the runtime is made',
    source: 'contract 2.1, CustomClaimValidationType',
  },
  'auth:bearer-keys': {
    text: 'Keys of issuers are kept for 15 minutes, fetched once for calls at once, and again on an unknown key id, every 30 s at most',
    source: 'issue data plane, Bearer callers',
  },
  'auth:bearer-issuer-name': {
    text: "An issuer is called what its discovery URL belongs to, or as Microsoft names its own; any other name is the operator's to give (BERTH_ISSUER_NAMES), so that no runtime proves another issuer's users",
    source: 'security review / OpenID Connect Discovery 4.3',
  },
  'auth:bearer-issuer-down': {
    text: 'While an issuer is down its known keys serve, for a day; without any the caller gets ServiceUnavailableException, and nothing hangs',
    source: 'issue data plane, Bearer callers',
  },
  'auth:bearer-ssrf': {
    text: 'Discovery leads to no address of this machine, of private networks or of metadata services, except to origins in BERTH_PRIVATE_ISSUERS; the connection goes to the address that was checked, no redirect is followed, size and time are bounded',
    source: 'issue data plane, Bearer callers',
  },
  'auth:bearer-real-issuer': {
    text: 'Tokens of oidc-provider are told apart: valid, expired, wrong issuer, audience, client, scope and claim, rotated keys, issuer down',
    source: 'issue data plane, Done when 2',
  },
  'auth:development-issuer': {
    text: 'A server on loopback has an issuer of its own for trying things out: berth token prints a Cognito-shaped token that its runtimes take; its key is kept sealed',
    source: 'issue data plane, Bearer callers / labs 4.2, 28',
  },
  'auth:bearer-challenge': {
    text: 'Without a good token a caller gets 401 with WWW-Authenticate: Bearer resource_metadata="…", in the form of the agent\'s protocol',
    source: 'contract 1.7, WWW-Authenticate / labs 4.2, 30',
  },
  'auth:bearer-mismatch': {
    text: 'A signature on a runtime that takes tokens, and a token on one that takes signatures, is 403 with "different authorization token type"',
    source: 'labs 4.1, 10',
  },
  'auth:protected-resource': {
    text: 'Anyone may read which issuer and scopes a runtime wants (RFC 9728); a runtime that takes signatures has no such document',
    source: 'contract 1.4',
  },
  'admin:server': {
    text: 'The admin API tells version, region, account, engine and counts',
    source: 'issue main path, CLI',
  },
  'admin:keys': {
    text: 'The admin API makes, lists and revokes keys',
    source: 'issue main path, Authentication',
  },
  'admin:registry-credentials': {
    text: 'Logins for other registries can be set, listed and removed; passwords never come out',
    source: 'issue main path, Images',
  },
  'admin:sessions': {
    text: 'Sessions are listed by runtime and state in stable pages, shown and stopped',
    source: 'issue main path, CLI',
  },
  'admin:images': {
    text: 'Images are listed with their sizes; a tag can be deleted',
    source: 'issue main path, CLI',
  },
  'admin:logs': {
    text: 'Logs of one session or of all sandboxes of a runtime are read, tailed and followed, control characters made visible',
    source: 'issue main path, CLI',
  },
  'admin:errors': {
    text: 'The admin API checks its input and answers errors in the form of AWS; a caller that is not proven learns nothing',
    source: 'issue main path, CLI',
  },
  'admin:health': {
    text: '/healthz and /readyz need no key; /metrics needs an admin key unless the listener is on loopback',
    source: 'issue main path, berth up',
  },
  'observability:metrics': {
    text: '/metrics counts starts, failures, adoptions, sweep repairs, live sessions and invocations',
    source: 'issue main path, berth up',
  },
  'observability:log': {
    text: 'The log is JSON lines, or lines for people on a terminal, without secrets and without control characters',
    source: 'style, logs / design 4, secrets',
  },
} as const;
