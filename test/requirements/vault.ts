/** Where secrets of providers, and what users granted, are kept sealed. */
export const vault = {
  'vault:sealed': {
    text: 'Every owner of secrets has a data key of its own (AES-256-GCM), kept wrapped; a secret opens only for the owner and the binding it was sealed for',
    source: 'issue identity, Vault',
  },
  'vault:destroyed': {
    text: 'With the key of an owner all that was sealed for it is unreadable, at once and also where copies of it are kept',
    source: 'issue identity, Providers and Vault',
  },
  'vault:copy': {
    text: 'A copy of the database without the master key opens nothing, and has no secret in the clear',
    source: 'issue identity, Vault',
  },
  'vault:rotate': {
    text: 'berth vault rotate makes a new version of the key and wraps all data keys under it; all secrets open meanwhile and afterwards, and older versions are gone in the end',
    source: 'issue identity, Vault',
  },
  'vault:rotate-crash': {
    text: 'A crash anywhere in a rotation loses nothing, and the next server finishes it',
    source: 'issue identity, Vault, Done when 2',
  },
  'vault:master-key': {
    text: 'berth vault rotate-master-key makes a new master key; the next server seals its keys under it, a crash anywhere leaves one that opens them, and the old one opens nothing any more',
    source: 'issue identity, Vault, Done when 2',
  },
  'vault:transit': {
    text: 'A transit engine of OpenBao or HashiCorp Vault may keep the key: it wraps, unwraps, rewraps and rotates, and the server never has that key',
    source: 'issue identity, Vault',
  },
  'vault:transit-fails': {
    text: 'An engine that is slow, down or refuses is tried again where that may help, then the call is unavailable with a message that tells nothing of tokens; the log says why',
    source: 'issue identity, Vault',
  },
  'vault:transit-kept': {
    text: 'Data keys that the engine unwrapped are kept in memory for minutes, a bounded number of them, and calls at the same time share one request',
    source: 'issue identity, Vault',
  },
  'vault:transit-token': {
    text: 'The token for the engine is read from a file for each request, one that everyone can use is refused, and the engine is reached over TLS, or without on loopback only',
    source: 'issue identity, Vault',
  },
  'vault:operations': {
    text: 'GetTokenVault and SetTokenVaultCMK answer as the service model has it, with every error it lists that a signed call can meet',
    source: 'contract 2.4 / issue identity, Providers, Done when 3',
  },
  'vault:customer-key': {
    text: "SetTokenVaultCMK gives the vault's key to a symmetric key of Berth's own ring by its ARN, or back to the service; any other ARN is refused with what to do",
    source: 'issue identity, Providers',
  },
  'vault:key-ring': {
    text: 'The key ring signs with RS256, PS256 and ES256 so that the public JWK verifies it, refuses keys of another kind, and never shows a private key',
    source: 'issue identity, Flows (private-key-JWT)',
  },
  'vault:key-in-use': {
    text: 'A key of the ring that something needs is not deleted',
    source: 'issue identity, Providers',
  },
  'vault:commands': {
    text: 'berth vault show and rotate, and berth kms create, list, show and delete, for people and with --json',
    source: 'issue identity, Vault',
  },
} as const;
