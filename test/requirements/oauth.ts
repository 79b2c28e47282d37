const flows = 'issue identity, Flows';
const users = "issue identity, The user's side";

/** Workload tokens, credential providers, the vault and the OAuth flows: issue "identity". */
export const oauth = {
  'oauth:m2m': {
    text: 'GetResourceOauth2Token with the flow M2M gives a token by client credentials, for scopes, resources, audiences and custom parameters as asked',
    source: `${flows} / labs 51`,
  },
  'oauth:m2m-cached': {
    text: 'Such a token is kept per provider and request, shared by calls at the same time, fetched anew before it expires, and serves until then while the provider is down',
    source: flows,
  },
  'oauth:cache-shares': {
    text: 'A workload that asks for ever new tokens drives its own out of memory, not those that others use',
    source: 'design 4, agents are untrusted',
  },
  'oauth:federation': {
    text: 'With USER_FEDERATION a user follows the authorization URL, comes back to the return URL with session_id and the custom state, and the token is given once the application has completed the session for that user',
    source: `${flows} / contract 3.2, steps 3 to 8`,
  },
  'oauth:authorization-request': {
    text: 'Authorization requests carry PKCE with S256, a state, and a nonce with openid; they are pushed (RFC 9126) to providers that take them so',
    source: flows,
  },
  'oauth:poll': {
    text: 'A call with sessionUri answers IN_PROGRESS, then the token, or FAILED once consent was declined or has expired',
    source: `${flows} / contract 3.2, step 5`,
  },
  'oauth:user-binding': {
    text: 'Nobody but the user of the workload token can complete a session; for another user it is refused, and what was granted is destroyed',
    source: `${flows} / contract 3.2, step 7`,
  },
  'oauth:own-grants': {
    text: "A grant is of one workload, user, provider and wish: another user's, another workload's, other scopes', a deleted identity's gives nothing",
    source: 'issue identity, Vault, done when 2 / labs 53',
  },
  'oauth:bound-consent': {
    text: 'What is kept of a consent is bound to its workload, user, provider, grant and link: in a row that somebody changed it does not open',
    source: 'issue identity, Vault',
  },
  'oauth:return-url': {
    text: 'A return URL must be, character by character, one of the workload identity, and of a scheme that browsers do not run; what is taken off the list counts at once, for users under way, too',
    source: `${flows}, done when 2 / contract 3.2, step 3`,
  },
  'oauth:no-return-url': {
    text: 'A request without a return URL uses the first of the workload identity; where there is none, nobody is asked, since nobody could tell who granted, and the error says what to do',
    source: `${flows} / contract 3.2, step 6 / RFC 9700, 4.7`,
  },
  'oauth:own-page': {
    text: 'With the page of Berth’s own as return URL, whoever is in front of the browser is told workload, provider, scopes and user, and grants or refuses by a form; the browser ends on a page that says how it went',
    source: users,
  },
  'oauth:forced': {
    text: 'forceAuthentication gives no kept token and makes the provider ask the user again',
    source: `${flows} / contract 3.2, step 5`,
  },
  'oauth:custom-parameters': {
    text: 'Custom parameters are sent beside the own ones and can change none of these; audience and resource among them say what the members do',
    source: flows,
  },
  'oauth:resources': {
    text: 'Resource indicators (RFC 8707) are sent with authorization and token requests, and audiences with the former',
    source: flows,
  },
  'oauth:refresh': {
    text: 'A grant is refreshed before its token expires, and a rotated refresh token takes the place of the old one',
    source: flows,
  },
  'oauth:refresh-shared': {
    text: 'Concurrent calls share one refresh, also those of two servers of a handover',
    source: flows,
  },
  'oauth:refresh-refused': {
    text: 'When a provider takes a grant back, the user is asked again; while it is only down, the token serves until it expires',
    source: flows,
  },
  'oauth:other-browser': {
    text: 'A callback link is of no use in a browser that did not follow the authorization URL',
    source: users,
  },
  'oauth:attacks': {
    text: "Login CSRF, an injected code, an answer of another issuer or at another provider's callback, and a replayed callback fail",
    source: 'issue identity, done when 2',
  },
  'oauth:link-is-no-session': {
    text: 'The link for the user does not tell the session: whoever sends it to somebody else cannot complete what these grant',
    source: 'issue identity, done when 2',
  },
  'oauth:link-preview': {
    text: 'A program that looks at the authorization URL before its user does spoils nothing',
    source: users,
  },
  'oauth:dialects': {
    text: 'Vendors that stray from the standard are spoken to as they want it: PKCE, scopes, parameters, headers and bodies of requests, and the form of answers and failures',
    source: 'issue identity, Providers',
  },
  'oauth:bounded': {
    text: 'A workload has at most 10,000 sessions that wait for consent, and 50 of one user, whose oldest makes room; a request is at most 16 KiB',
    source: 'design 4, agents are untrusted',
  },
  'oauth:exchange': {
    text: 'ON_BEHALF_OF_TOKEN_EXCHANGE exchanges the token that the user came with (RFC 8693), with the token of the client as actor where configured',
    source: flows,
  },
  'oauth:exchange-jwt-bearer': {
    text: "A provider of the JWT grant gets the user's token as assertion, on_behalf_of, as Entra wants it",
    source: flows,
  },
  'oauth:subject-token': {
    text: "Users' own tokens are kept sealed for at most 30 minutes and never beyond their own end, for the session and user they came with only",
    source: `${flows}, Tokens`,
  },
  'oauth:subject-token-chain': {
    text: 'An agent that is called by another for its user can exchange what that user came with, until the same time, and never what the caller only says',
    source: 'issue identity, Tokens, the identity chain',
  },
  'oauth:subject-token-wait': {
    text: "A call waits a second at most until its user's token is kept, and not at all shortly after the vault did not answer",
    source: 'design 4, calls go on without what they do not need',
  },
  'oauth:client-authentication': {
    text: 'Clients prove themselves by client_secret_basic, client_secret_post or private_key_jwt with a key of the key ring; a rotated secret counts at once',
    source: flows,
  },
  'oauth:provider-failures': {
    text: 'A provider that is slow, down, redirecting, throttling, answering errors, garbage or without end gives the documented error in bounded time',
    source: flows,
  },
  'oauth:no-leak': {
    text: 'No token, secret or description of a provider gets into errors, events or pages, and none is in the database in clear',
    source: `${flows}, Vault`,
  },
  'oauth:destinations': {
    text: 'Providers lead Berth neither to this machine nor into private networks, by none of their endpoints',
    source: 'design 4, authentication / issue identity, Flows',
  },
  'oauth:discovery-cached': {
    text: 'A discovery document is read once an hour, and serves up to a day while it cannot be read',
    source: flows,
  },
  'oauth:deleted-provider': {
    text: 'A deleted provider gives no token at once, not by an old grant, a session under way or a new provider of its name',
    source: 'issue identity, Providers, done when 2 / labs 53',
  },
  'oauth:errors': {
    text: 'Both operations answer the errors that the service model lists for them',
    source: 'issue identity, done when 3 / contract 1.6',
  },
  'oauth:pages': {
    text: 'The pages that users see are plain, need no script, are not kept, framed or told to others, and show nothing that came with the request; the one that asks names workload, provider, scopes and user',
    source: users,
  },
} as const;
