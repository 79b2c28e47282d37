const inside = 'issue identity, Credentials inside the sandbox';

/** Identity: what agents and their users prove, and the credentials that they get for it. */
export const roles = {
  // What an agent's sandbox has by itself.
  'role:sdk-credentials': {
    text: "An agent's own AWS SDK, with nothing configured, finds short-lived credentials of its runtime's role and its session by the container-credentials variables",
    source: inside,
  },
  'role:instance-metadata': {
    text: 'It finds them at an instance-metadata endpoint, too, which takes tokens of version 2 only and nothing that a proxy passes on',
    source: inside,
  },
  'role:own-sandbox': {
    text: "Two sandboxes cannot get or use each other's credentials, and nobody outside a sandbox can use them",
    source: 'issue identity, Credentials inside the sandbox, done when 2',
  },
  'role:pooled': {
    text: 'A pooled sandbox has no credentials until it is claimed: what it is told meanwhile opens nothing, and lets SDKs make clients, also while an agent starts',
    source: 'issue identity, done when 2; design.md 4',
  },
  'role:ended': {
    text: 'Once the end of a session has begun its credentials are refused, and its address is never taken for it again',
    source: 'issue identity, done when 2',
  },
  'role:lifetime': {
    text: 'Credentials are good for an hour, also after a restart and for the next server, and are refused then; new ones are given at any time before',
    source: inside,
  },
  'role:variables': {
    text: 'All endpoint variables and that of the credentials are set in a sandbox, unless the version declares its own',
    source: inside,
  },
  'role:by-address': {
    text: "A call from a sandbox's own address acts as its runtime's role, also when it is signed with real AWS keys; signed with an access key of this server, it acts as that key",
    source: inside,
  },
  'role:signed': {
    text: 'A call that is not signed at all is refused, wherever it comes from; a presigned URL acts as a role only to open a WebSocket, so that a fetched URL never does',
    source: 'role of an agent: design of the identity service',
  },
  'role:no-proxies': {
    text: 'Neither place of credentials answers a request that a proxy passed on (X-Forwarded-For)',
    source: 'security review / instance metadata of AWS, version 2',
  },
  'role:limited': {
    text: "An agent's role may do Identity's data operations for its own workload identity, and nothing else unless it is granted",
    source: 'issue identity, Authorisation',
  },
  'role:hands-on': {
    text: 'An agent that may call another one hands on who called it, by its own workload token, with no further permission; it is not believed when it only names a user, whatever policies grant its role',
    source: 'issue identity, Tokens, the identity chain',
  },
  'role:internal-listener': {
    text: "Sandboxes are served the data plane, Identity's data operations and their credentials; of the control plane what their role is granted; never the registry, the operators' API or metrics",
    source: 'design.md 4, Two listeners',
  },
  'role:reachable': {
    text: 'Both addresses lead to the internal listener on every isolation and whatever a sandbox may reach, and to no other metadata service',
    source: 'design.md 4, Two listeners',
  },
};
