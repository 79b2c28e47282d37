/** Runtimes, versions, endpoints, workload identities and tags: issue "main path", Operations. */
export const control = {
  'control:every-operation': {
    text: 'The operations of runtimes, endpoints, workload identities and tags are served, with the answers that the model asks for',
    source: 'issue main path, Operations / contract 2.1, 2.2, 2.4, 2.15',
  },
  'control:creating': {
    text: 'A runtime is CREATING while its image is resolved and unpacked, and READY after',
    source: 'issue main path, Operations',
  },
  'control:create-failed': {
    text: 'A runtime whose image cannot be had is CREATE_FAILED, with the reason',
    source: 'issue main path, Operations',
  },
  'control:passing-failure': {
    text: 'A registry that does not answer is asked again before a version fails',
    source: 'issue main path, Operations',
  },
  'control:jobs-apart': {
    text: 'Slow work of one kind, such as pulls from registries that do not answer, keeps no other kind waiting',
    source: 'issue main path, Operations, bad input',
  },
  'control:delete-while-creating': {
    text: 'A runtime whose image comes slowly, or never, can be deleted meanwhile',
    source: 'issue main path, Operations',
  },
  'control:jobs-are-durable': {
    text: 'Work that goes on after an answer is kept in the database and resumed after kill -9',
    source: 'design 4, State / issue main path, Operations',
  },
  'control:default-endpoint': {
    text: 'DEFAULT appears by itself, follows the newest version, and cannot be changed by hand',
    source: 'issue main path, Operations / contract 2.2',
  },
  'control:default-survives-failure': {
    text: 'After a failed update DEFAULT keeps serving the last good version',
    source: 'issue main path, Operations',
  },
  'control:named-endpoints-stay': {
    text: 'A named endpoint stays on its version until it is updated, with liveVersion and targetVersion through UPDATING',
    source: 'issue main path, Operations / contract 2.2',
  },
  'control:endpoint-needs-version': {
    text: 'An endpoint can only be pointed at a version that exists and has not failed',
    source: 'contract 2.2',
  },
  'control:own-identity': {
    text: 'Create makes the workload identity of a runtime, which goes with the runtime and not before',
    source: 'issue main path, Operations / contract 2.1',
  },
  'control:delete-ends-sessions': {
    text: 'Deleting a runtime ends its sessions, then removes its versions, endpoints, identity, tags and unused images',
    source: 'issue main path, Operations',
  },
  'control:delete-failed': {
    text: 'A runtime whose sessions cannot be ended is DELETE_FAILED with the reason and can be deleted again',
    source: 'contract 2.1',
  },
  'control:delete-version': {
    text: 'One version can be deleted when it is not the newest and no endpoint points at it',
    source: 'contract 2.1',
  },
  'control:versions': {
    text: 'Every update makes a new immutable version, a full snapshot: what is left out takes its default',
    source: 'contract 2.1',
  },
  'control:digest-pinned': {
    text: 'A version stays on the digest its image had when it was made',
    source: 'design 4, Images / client notes 9',
  },
  'control:protocol-and-port': {
    text: 'A version records its protocol, and with it the port: HTTP and AG-UI 8080, MCP 8000, A2A 9000',
    source: 'issue main path, Operations / contract 4.1',
  },
  'control:conflicts': {
    text: 'A taken name, and a change of what is in transition, answer ConflictException',
    source: 'contract 2.1',
  },
  'control:code-refused': {
    text: 'codeConfiguration is refused with a ValidationException that says what is not built',
    source: 'issue main path, Operations',
  },
  'control:unbuilt-refused': {
    text: 'Settings that are not built (shared file systems, capacity provider, VPC, hooks, ports) are refused by name, never ignored',
    source: 'design 4 / contract 2.1',
  },
  'control:lifecycle': {
    text: 'The idle limit is 900 s and the maximum life 28,800 s by default, and the first must not exceed the second',
    source: 'contract 2.1, 5.1',
  },
  'control:header-allowlist': {
    text: 'A runtime may ask for request headers by name, except those of AWS, of HTTP and of proxies',
    source: 'contract 1.7',
  },
  'control:count-quotas': {
    text: 'Too many runtimes, versions, endpoints or workload identities answer 402',
    source: 'issue main path, Operations / contract 5.1',
  },
  'control:scope': {
    text: 'Nothing of another account or region can be seen or changed',
    source: 'design 4, State',
  },
  'control:stable-pages': {
    text: 'A list read in pages misses and repeats nothing while items are added',
    source: 'issue main path, Wire',
  },
  'control:tags': {
    text: 'Runtimes, endpoints and workload identities that exist can be tagged: at most 50 tags, no key that begins with aws:',
    source: 'contract 1.8, 2.15',
  },
  'control:invocation-target': {
    text: 'An invocation finds the version that its endpoint serves now, and none of a runtime that is being deleted',
    source: 'design 4 / contract 2.2',
  },
  'control:authorizer': {
    text: 'A customJWTAuthorizer belongs to its version and is answered back as given; one that would let everybody in, or with members that are not built, is refused',
    source: 'contract 2.1 / issue data plane, Bearer callers',
  },
  'control:arns': {
    text: 'A runtime is named by its ARN, by an ARN of its endpoint or by its bare id; anything else is refused',
    source: 'contract 1.8 / labs 4.1',
  },
} as const;
