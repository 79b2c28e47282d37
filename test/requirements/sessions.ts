/** Sessions and what they promise: issue "main path", Sessions. */
export const sessions = {
  'sessions:one-sandbox': {
    text: 'However many first calls of one session id arrive at once, one sandbox is started; each id gets its own, and so does each runtime',
    source: 'issue main path, done when 4 / design 4',
  },
  'sessions:fixed-version': {
    text: 'The first call fixes endpoint and version; a later call with another qualifier reaches the same sandbox, also after the endpoint moved',
    source: 'issue main path, Sessions / design 4',
  },
  'sessions:unknown-qualifier': {
    text: 'A qualifier that names no endpoint is refused, also when the session is live',
    source: 'issue main path, bad input / design 4',
  },
  'sessions:restart-clean': {
    text: 'An id whose sandbox has ended starts again in a new sandbox, on the version its endpoint then points at',
    source: 'design 4 / contract 3.1',
  },
  'sessions:wait-for-transition': {
    text: 'A call that meets a session that is starting or stopping waits for the outcome; when that takes too long it gets 409 "Session operation in progress, please retry"',
    source: 'design 4 / contract 1.6',
  },
  'sessions:caller-leaves-start': {
    text: 'A start goes on when its caller goes away, for the others that wait or as an idle session',
    source: 'issue main path, Sessions',
  },
  'sessions:start-fails': {
    text: 'A start that fails tells its callers "Runtime initialization time exceeded. Please make sure that initialization completes in 120s." and why: exit code, out of memory, nothing listening, wrong port, no answer to /ping',
    source: 'issue main path, Invocation / contract 4.5',
  },
  'sessions:start-fails-at-once': {
    text: 'A start fails as soon as the process exits; one that goes on has 120 s',
    source: 'design 4',
  },
  'sessions:failed-start-leaves-nothing': {
    text: 'A failed start leaves no sandbox, and the next call starts clean',
    source: 'issue main path, Sessions',
  },
  'sessions:log-for-operator': {
    text: "When an agent fails, the log's last lines go to the operator and not to the caller",
    source: 'issue main path, Sessions',
  },
  'sessions:readiness': {
    text: 'HTTP and AG-UI agents are ready when GET /ping answers 2xx, MCP servers when their port is open; anything else is asked again until the time is out',
    source: 'contract 4.3 / client-notes 3',
  },
  'sessions:ping-bounded': {
    text: 'Size and time of a ping answer are bounded; what cannot be read in it counts as Healthy; times are seconds or ISO texts',
    source: 'labs 4.1',
  },
  'sessions:idle': {
    text: 'A session ends after its idle limit (900 s by default, or its version says), counted from the end of the last activity or time_of_last_update, while nothing is in flight and /ping says Healthy',
    source: 'design 4 / contract 4.3',
  },
  'sessions:probing-is-no-activity': {
    text: 'Health probing does not keep a session alive',
    source: 'labs 4.1',
  },
  'sessions:time-of-last-update': {
    text: 'time_of_last_update is clamped to between the start and now',
    source: 'design 4',
  },
  'sessions:healthy-busy': {
    text: 'HealthyBusy stops the idle clock; with the strict switch only a time_of_last_update that moves does',
    source: 'design 4 / contract 4.3',
  },
  'sessions:max-lifetime': {
    text: 'A session ends at its maximum lifetime (28,800 s by default, or its version says), busy or not',
    source: 'design 4 / contract 5.1',
  },
  'sessions:unhealthy': {
    text: 'Three failed health checks in a row end a quiet session; failures while a call is running mean nothing',
    source: 'design 4',
  },
  'sessions:crash': {
    text: 'An agent that exits or runs out of memory ends its session; running calls are told why, and the next call starts clean',
    source: 'issue main path, Sessions',
  },
  'sessions:stop': {
    text: 'Stop ends the sandbox with SIGTERM and up to 15 s of grace and answers when it is gone; a session that has ended may be stopped again; an id that the runtime never had is 404',
    source: 'issue main path, bad input / contract 3.1',
  },
  'sessions:stop-while-starting': {
    text: 'A session can be stopped while it starts; nothing is left of it',
    source: 'design 4',
  },
  'sessions:runtime-deleted': {
    text: 'Deleting a runtime, or a version, ends its sessions',
    source: 'issue main path, Operations',
  },
  'sessions:adoption': {
    text: 'After kill -9 of the server the next start adopts live sandboxes, finishes starts and stops that were under way, and sees later exits',
    source: 'issue main path, Sessions',
  },
  'sessions:expired-meanwhile': {
    text: 'What passed its idle limit or maximum lifetime while no server ran is ended at the next start, unless its agent says HealthyBusy',
    source: 'issue main path, Sessions',
  },
  'sessions:sweep': {
    text: 'A sweep at start and every few minutes removes sandboxes that belong to no session, never one that is starting, and counts what it repaired',
    source: 'issue main path, Sessions',
  },
  'sessions:engine-outage': {
    text: 'An engine that does not answer for a while costs no session',
    source: 'issue main path, done when 4',
  },
  'sessions:shutdown': {
    text: 'Closing the server leaves ready sandboxes running and breaks off starts',
    source: 'issue main path, berth up',
  },
  'sessions:activity-written-behind': {
    text: 'Activity is written behind the calls, so that a crash loses at most a second of it',
    source: 'design 4, State',
  },
  'sessions:ownership': {
    text: 'A session is leased to one server; another one can claim it only after the lease ran out',
    source: 'design 4, State',
  },
  'sessions:active-quota': {
    text: 'A session beyond the quota of live sessions is refused with 402, before anything starts; live ones go on',
    source: 'issue main path, Operations / contract 5.1',
  },
  'sessions:new-session-rate': {
    text: 'New sessions beyond their rate are refused with 429; calls of live ones are not counted',
    source: 'issue main path, Operations / contract 5.1',
  },
  'sessions:environment': {
    text: 'A container gets DOCKER_CONTAINER, region, every endpoint variable and its resource id; declared variables win; nothing of a session is in it',
    source: 'issue main path, Sandboxes / contract 4.2 / labs 1.1',
  },
} as const;
