/** The identity service: issue "identity". */
export const workloadTokens = {
  // Workload tokens.
  'token:workload': {
    text: 'GetWorkloadAccessToken gives a token of a workload identity without a user, good for 30 minutes',
    source: 'issue identity, Tokens / contract 3.2',
  },
  'token:for-user-id': {
    text: 'GetWorkloadAccessTokenForUserId gives a token for whomever its caller names; such a user is never the same as one of an issuer',
    source: 'issue identity, Tokens / contract 3.2',
  },
  'token:client': {
    text: 'A client, whose token has no sub, is never the same as a user, whatever its client_id is',
    source: 'security review / RFC 9068, 5',
  },
  'token:for-jwt': {
    text: "GetWorkloadAccessTokenForJWT verifies the user's token: of an issuer that the workload's own runtime takes, by its rules, or that BERTH_USER_TOKEN_ISSUERS names",
    source: 'issue identity, Tokens / contract 3.2',
  },
  'token:issuer-down': {
    text: "An issuer that does not answer keeps no other issuer's users out",
    source: 'issue identity, Flows',
  },
  'token:permissions': {
    text: 'GetWorkloadAccessToken and its two sisters are permissions of their own on the identity’s ARN, which the role invoke does not have',
    source: 'issue identity, Authorisation / labs 4.1',
  },
  'token:errors': {
    text: 'The three operations answer every error that the service model lists for them',
    source: 'issue identity, done when 3 / contract 3.2',
  },
  'token:short': {
    text: 'A token takes a few hundred bytes',
    source: 'issue identity, Tokens',
  },
  'token:refused': {
    text: 'A token that has expired, was changed, was put together of two, or is of another server, account or region is refused, and not repeated in the error',
    source: 'issue identity, done when 2',
  },
  'token:identity-gone': {
    text: 'A token of a deleted workload identity is refused, also when one of the same name is made again',
    source: 'issue identity, done when 2',
  },
  'token:session-end': {
    text: "A token that was handed to an agent is refused once its session's incarnation has ended; a hibernated session lives",
    source: 'issue identity, Tokens',
  },
  'token:rotation': {
    text: 'Tokens are signed with a new key every day, and after berth identity rotate-signing-key; those of the old keys stay good for as long as they live, then the keys are deleted',
    source: 'issue identity, Tokens and done when 2',
  },
  'token:same-keys': {
    text: 'Servers that take over from one another, or come after a crash, use the same signing keys',
    source: 'issue identity, Tokens',
  },
  'token:sealed-keys': {
    text: 'Signing keys are sealed in the database',
    source: 'issue identity, Vault / design 4, secrets',
  },
  'token:delivery': {
    text: 'With every call that has a user the agent gets the token under both header names: HTTP, server-sent events, MCP, A2A and its card, AG-UI, WebSocket',
    source: 'issue identity, Tokens / contract 4.2',
  },
  'token:user-of-call': {
    text: 'The user is the issuer and subject of a bearer token, whatever headers say, or whom a signed call names with the permission InvokeAgentRuntimeForUser; without a user there is no token',
    source: 'issue identity, Tokens / labs 4.1',
  },
  'token:bound': {
    text: 'The token is bound to runtime, session, incarnation and user: other sessions and other users of one session get others',
    source: 'issue identity, Tokens',
  },
  'token:callback-url': {
    text: 'OAuth2CallbackUrl is the first return URL of the workload identity, as it is now',
    source: 'contract 4.2',
  },
  'token:spoof': {
    text: 'A caller cannot put a token or callback URL of its own before an agent, whatever headers the version asks for',
    source: 'issue identity, Tokens',
  },
  'token:kept': {
    text: 'Calls of one user in one session share a token for five minutes, so that an agent always has one that is good for 25',
    source: 'contract 3.2 / design 5',
  },
  'token:chain': {
    text: 'An agent that shows its token when it invokes another hands its user on, and the callee’s token names the workloads in between',
    source: 'issue identity, Tokens / contract 1.7',
  },
  'token:chain-refused': {
    text: 'A token that is not good, or is shown with an access key that lacks the permission InvokeAgentRuntimeForUser, or with another user, is refused before anything starts',
    source: 'issue identity, Tokens',
  },
  'token:chain-bounded': {
    text: 'A chain has at most ten workloads; one may come again',
    source: 'issue identity, Tokens',
  },
} as const;
