/** What agents of the AgentCore SDKs get with the SDKs' own decorators and wrappers. */
export const agentCredentials = {
  'identity:sdk-api-key': {
    text: "The SDKs' decorators give an agent the API key of its caller's user, none without a user, and none of a provider that is deleted",
    source: 'issue identity, Done when 1 / labs L5b, A5',
  },
  'identity:sdk-m2m': {
    text: "The SDKs' decorators give an agent a token of its own at a real OAuth provider",
    source: 'issue identity, Done when 1',
  },
  'identity:sdk-exchange': {
    text: "The SDKs' decorators give an agent a token in exchange for the one that its user came with (RFC 8693)",
    source: 'issue identity, Done when 1',
  },
  'identity:sdk-outside': {
    text: 'Outside Berth, with nothing but the variables of berth env, the SDKs’ identity clients and decorators do the same: API key, machine token, consent and token exchange',
    source: 'issue identity, Done when 1 / contract 3.2, local development',
  },
  'identity:sdk-chain': {
    text: "An agent that another one calls with the SDKs' helpers has the keys and exchanged tokens of the user who called the first",
    source: 'issue identity, Tokens / contract 1.7',
  },
  'identity:sdk-consent': {
    text: "The SDKs' decorators give an agent the token that its user consented to in a browser, asked for once, and no other user's",
    source: 'issue identity, Done when 1 / labs A5',
  },
} as const;
