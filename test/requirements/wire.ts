/** The codec, validation, errors, idempotency and pagination: issue "main path", Wire. */
export const wire = {
  'wire:model-is-data': {
    text: 'Every operation of both service models is known; one that is not built answers 501 with its name, an unknown path 404 UnknownOperationException',
    source: 'design 4 / issue main path, Wire',
  },
  'wire:raw-path': {
    text: 'Paths are matched still encoded, so that an ARN is one segment; each label is decoded once',
    source: 'issue main path, Wire / contract 1.2',
  },
  'wire:trailing-slash': {
    text: 'A trailing slash may be there or not, whatever the model says',
    source: 'issue main path, Wire / contract 1.2',
  },
  'wire:authentication-first': {
    text: 'A caller that is not authenticated learns nothing about paths, operations or its input',
    source: 'design 4',
  },
  'wire:bounds': {
    text: 'Every bound, enum, pattern, type and required member of the model is checked, as are unions (exactly one member)',
    source: 'issue main path, Wire / contract 1.3',
  },
  'wire:all-problems': {
    text: 'A ValidationException carries message, reason and a fieldList that names every wrong member of the request at once',
    source: 'issue main path, Wire / contract 1.6',
  },
  'wire:unknown-members': { text: 'Members that the model does not know are ignored', source: 'restJson1' },
  'wire:sensitive': {
    text: 'The value of a sensitive member is never repeated in an error',
    source: 'design 4, secrets',
  },
  'wire:cannot-parse': {
    text: 'Malformed JSON, invalid UTF-8, bad percent-encoding and absurd nesting are refused with the reason CannotParse',
    source: 'issue main path, bad input',
  },
  'wire:hostile-patterns': {
    text: "Each of the model's patterns compiles, is anchored at both ends and is run on bounded text only",
    source: 'issue main path, Wire',
  },
  'wire:query-lists': { text: 'A list in the query is a repeated key', source: 'contract 1.2' },
  'wire:post-without-body': {
    text: 'A POST list without body and content type is served',
    source: 'contract 1.2',
  },
  'wire:times': {
    text: 'A time is an ISO 8601 text or epoch seconds, member by member as the model says',
    source: 'contract 1.3',
  },
  'wire:output': {
    text: "An answer has the model's status, header members and body; undefined and unmodelled members are left out; a 204 has no body",
    source: 'contract 1.3',
  },
  'wire:error-map': {
    text: 'Each error code has one status and exception name in x-amzn-errortype, with the spelling of the family (ThrottledException in Memory)',
    source: 'contract 1.6',
  },
  'wire:internal-hidden': {
    text: 'An unexpected failure answers 500 with its request id, which the log holds too, and with nothing of its cause',
    source: 'style, errors',
  },
  'wire:request-id': { text: 'Every answer carries x-amzn-requestid', source: 'contract 1.6' },
  'wire:sdk-errors': {
    text: "The AWS SDK for JavaScript parses Berth's answers and types its errors",
    source: 'issue main path, done when 2',
  },
  'wire:no-http': {
    text: "What is no HTTP, and a head over 128 KiB, is answered in AWS's form, with error type and request id",
    source: 'issue main path, Wire, bad input / contract 1.6, 1.7',
  },
  'wire:container-uri': { text: 'A container image may come from any registry', source: 'contract 1.8' },
  'wire:body-limit': {
    text: 'A control-plane body over 6 MB is refused at once, and drained so that the caller sees the error',
    source: 'design 4, authentication',
  },
  'wire:rate-quotas': {
    text: 'Mutations, gets and lists have each a rate, off at 0; over it the answer is 429 ThrottlingException',
    source: 'issue main path, Operations / contract 5.1',
  },
  'wire:authorize': {
    text: 'Each operation is authorised for the principal and resource before its input is looked at',
    source: 'design 4',
  },
  'wire:idempotent': {
    text: 'The same client token with the same parameters gets the same answer for 24 hours, also after a restart and while the first request is running',
    source: 'issue main path, Wire / contract 1.3',
  },
  'wire:idempotency-mismatch': {
    text: 'A client token reused with other parameters is refused with the reason IdempotentParameterMismatchException, or as a conflict where the operation models no ValidationException',
    source: 'issue main path, Wire / contract 1.3',
  },
  'wire:failures-not-remembered': {
    text: 'A request that failed may be repeated with the same client token',
    source: 'issue main path, Wire',
  },
  'wire:stable-pages': {
    text: 'Pages stay stable while items are added and removed; the token is opaque',
    source: 'issue main path, Wire',
  },
  'wire:page-token': {
    text: 'A page token that was changed, or that belongs to another list, is refused with a ValidationException',
    source: 'issue main path, Wire',
  },
  'wire:event-stream': {
    text: "Event streams have AWS's binary frames, and are read however they are cut",
    source: 'contract 1.3',
  },
  'wire:fuzzed-framing': {
    text: 'Damaged, cut and random event streams and shell frames are refused, and nothing else happens',
    source: 'issue data plane, Done when 4',
  },
  'wire:upgrades': {
    text: 'A request to upgrade is granted, or refused before it with an ordinary HTTP error and a closed connection; where none is served it is an ordinary request',
    source: 'contract 1.5',
  },
  'wire:no-smuggling': {
    text: 'A request whose end two readers could see at different places is refused, and nothing hidden in it reaches an agent',
    source: 'issue data plane, Speed',
  },
  'wire:pipelining': {
    text: 'Pipelined requests are answered in their order',
    source: 'issue data plane, Speed',
  },
  'wire:half-closed': {
    text: 'A caller that closes its own side has gone away, as with nginx: its call ends at the agent, too',
    source: 'issue data plane, Speed',
  },
  'wire:floods': {
    text: 'Floods of headers, and heads and bodies that come drop by drop, end in an error and cost no sandbox',
    source: 'issue data plane, Speed',
  },
} as const;
