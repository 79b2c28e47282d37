const source = 'issue data plane, TLS and AWS host names';

/** TLS, the host names of AWS, and how clients come to trust them. */
export const tls = {
  'tls:names': {
    text: 'With --tls the server has a certificate for the AgentCore names of its region, gateways, bedrock-runtime, xray and logs, and for its own names',
    source,
  },
  'tls:authority': {
    text: 'The private CA is made once, its key is sealed, and it can sign for no names but those of the server',
    source,
  },
  'tls:renewal': {
    text: 'A certificate is good for at most 398 days and is renewed before its end while the server runs',
    source,
  },
  'tls:own-certificate': {
    text: 'A certificate of the user is served for its names and reloaded when its files change, links that are swapped included; a bad pair leaves the one before',
    source,
  },
  'tls:bundle': {
    text: "The CA bundle holds the system's roots and the CA, follows the system's, and is readable by everybody",
    source,
  },
  'tls:listener': {
    text: 'The listener with TLS serves what the public listener serves; an address that is taken stops the start with a clear error',
    source,
  },
  'tls:clients': {
    text: 'The AWS SDKs for JavaScript and Python invoke an agent by the AWS host names with no endpoint set',
    source,
  },
  'tls:sandboxes': {
    text: 'With TLS on, an agent reaches the data plane by its AWS host name and trusts its certificate; without, its files and variables are as before',
    source,
  },
  'tls:trust': {
    text: 'berth trust prints the hosts entries and CA variables that clients need, and the CA certificate for another machine',
    source,
  },
  'tls:trust-apply': {
    text: 'berth trust --apply and --undo write and remove the hosts entries, again and again with one result, and leave every other byte of the file',
    source,
  },
  'tls:env': {
    text: 'berth env names the CA bundle of a server with TLS',
    source,
  },
} as const;
