/** Workload identities, their tokens and credentials, and who may do what: issue "identity". */
export const authorisation = {
  'authz:roles': {
    text: 'Keys have one of five roles: admin may do everything; deployer all of runtimes, endpoints, images, identities and providers; invoker only invokes and ends sessions; application also names users and completes their consents; agent gets credentials for agents outside Berth',
    source: 'issue identity, Authorisation',
  },
  'authz:no-secrets': {
    text: 'A deployer makes no keys, administers no server, says not who may call, and reaches no secret: no credential operation, no command in a sandbox, no user named in a header',
    source: 'issue identity, Authorisation',
  },
  'authz:old-role': {
    text: "Keys that were made with the role 'invoke' go on as invokers, and clients may still ask for it",
    source: 'issue identity, Authorisation',
  },
  'authz:table': {
    text: 'Every operation that is served and every call of the operators’ API has a rule, and the documentation lists all rules',
    source: 'issue identity, Authorisation',
  },
  'authz:limits': {
    text: 'A key may be limited to runtimes by patterns of names and by tags; what it may do is refused for every other runtime, new ones included',
    source: 'issue identity, Authorisation',
  },
  'authz:limits-checked': {
    text: 'Limits that would never fit, and limits of an admin key, are refused',
    source: 'issue identity, Authorisation',
  },
  'authz:limits-lists': {
    text: 'Lists of runtimes and sessions show a limited key its own ones only, page by page',
    source: 'issue identity, Authorisation',
  },
  'authz:limits-registry': {
    text: 'A limited key reaches repositories that are named like its runtimes, and no others',
    source: 'issue identity, Authorisation',
  },
  'authz:walls': {
    text: 'The options of a runtime that take walls away are the admins’ alone, with the runtime and as tags; so is the tag that keeps a provider to some workloads, once the provider is there',
    source: 'decision 15',
  },
  'authz:for-user': {
    text: 'To name a user in a header is a permission of its own, which only admins and applications have by themselves, and which a policy can take away or give',
    source: 'issue identity, Authorisation / contract 1.7',
  },
  'authz:agent-users': {
    text: 'An agent’s role hands on the user who called it, by the workload token of its own session, and names nobody by itself, whatever policies grant it',
    source: 'decision 28',
  },
  'authz:policy-operations': {
    text: 'PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy serve runtimes and endpoints that are there; other resources are refused',
    source: 'issue identity, Authorisation / contract 2.15',
  },
  'authz:policy-quotas': {
    text: 'A policy has at most 20 KB and 100 statements, each about exactly its own resource',
    source: 'contract 2.15, 5.2',
  },
  'authz:policy-understood': {
    text: 'A policy that says anything Berth would not follow to the letter (unknown keys and operators, NotPrincipal, variables, repeated members) is refused when it is put, with what is wrong',
    source: 'issue identity, Authorisation',
  },
  'authz:policy-evaluation': {
    text: 'A caller needs a permission of its own or of the policy; a denial anywhere wins, in whatever order statements stand; conditions are compared as IAM compares them',
    source: 'issue identity, Authorisation / IAM policy evaluation',
  },
  'authz:policy-both': {
    text: 'For a call the policies of the runtime and of the endpoint both count: each may deny, and both must allow whoever has no permission of its own',
    source: 'AWS resource-based policies, hierarchical authorization',
  },
  'authz:policy-principals': {
    text: 'Policies name everybody, the account, keys by name, roles and their sessions; holders of bearer tokens are meant by everybody alone',
    source: 'issue identity, Authorisation',
  },
  'authz:policy-rescue': {
    text: 'An admin can read, replace and delete a policy that refuses everybody',
    source: 'issue identity, Authorisation',
  },
  'authz:policy-at-once': {
    text: 'A changed policy, tag or limit counts for the next call, and a resource that is made anew has no policy',
    source: 'issue identity, Authorisation',
  },
  'authz:bound-sessions': {
    text: 'Sessions of a runtime with berth:bind-session are the first caller’s, user included: nobody else calls, commands, stops or opens a WebSocket to them',
    source: 'issue identity, Authorisation',
  },
  'authz:bound-for-good': {
    text: 'Whose a session is outlives a restart and the end of its sandbox, for as long as anything of it is kept',
    source: 'issue identity, Authorisation',
  },
  'authz:audit': {
    text: 'The audit log has every permitted change, every refusal and every read of a credential, with who, what, why, request and source address, and no secret',
    source: 'issue identity, Authorisation',
  },
  'authz:audit-durable': {
    text: 'A change, and a read of a credential, is on disk in the audit log before it happens, and does not happen when it cannot be',
    source: 'issue identity, Authorisation',
  },
  'authz:audit-chain': {
    text: 'An entry of the audit log that is changed, removed or put in later is found',
    source: 'issue identity, Authorisation',
  },
  'authz:audit-bounded': {
    text: 'The audit log is bounded, and a caller who is refused over and over does not fill it',
    source: 'issue identity, Authorisation',
  },
  'authz:audit-kinds': {
    text: 'Changes, refusals, reads of credentials and unproven callers have bounds of their own, by number and age: none pushes out another kind',
    source: 'issue identity, Authorisation',
  },
  'authz:audit-retried': {
    text: 'Refusals that cannot be written, as on a full disk, are kept and written later; those for which there is no room are counted in the log',
    source: 'issue identity, Authorisation',
  },
  'authz:audit-doors': {
    text: 'Every door tells the audit log whom it refuses: both listeners, calls from sandboxes, tokens that are not good, the registry, the pages for browsers, and callers who prove nothing',
    source: 'issue identity, Authorisation',
  },
  'authz:cli': {
    text: 'berth keys create limits keys; berth audit shows, filters, follows and verifies the audit log',
    source: 'issue identity, Authorisation',
  },
} as const;
