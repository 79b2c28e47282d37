/** A clone and what its commands do: issue "main path", Set-up, Quickstart's story, Examples, Repository. */
export const setup = {
  'setup:idempotent': {
    text: 'scripts/setup.sh installs only what is missing, says each step and its time, and nothing twice',
    source: 'issue main path, Set-up',
  },
  'setup:never-alters': {
    text: 'A containerd that is there is never altered, packages are added with --no-remove, and an old runc is warned about',
    source: 'issue main path, Set-up',
  },
  'setup:engine': {
    text: 'scripts/setup.sh builds the engine once where there is Go, uses what is built or installed, and says which',
    source: 'issue sandbox engine, Engine packages',
  },
  'setup:other-systems': {
    text: 'On a system without apt, scripts/setup.sh changes nothing and says what is missing and where to get it',
    source: 'issue main path, Set-up',
  },
  'setup:quickstart': {
    text: 'npm run quickstart tells the whole story on real sandboxes and exits 0; --keep leaves the server up and says how to use it',
    source: "issue main path, Set-up, Quickstart's story",
  },
  'setup:examples': {
    text: 'Agents made with the AgentCore SDKs of npm and PyPI, and one without any, answer JSON and events to clients that set neither Content-Type nor Accept',
    source: 'issue main path, Examples, done when 3',
  },
  'repository:tour': {
    text: "The README's tour is true: its commands are run as they stand there",
    source: 'issue main path, done when 6',
  },
  'clients:javascript': {
    text: 'The AWS SDK for JavaScript creates, invokes (JSON, events, 95 MB), lists, updates, stops and deletes',
    source: 'issue main path, done when 2',
  },
  'clients:python': {
    text: 'boto3 does the same with nothing but berth env',
    source: 'issue main path, done when 2 / labs A1, A3',
  },
  'clients:aws-command': {
    text: 'The aws command does the same with nothing but berth env',
    source: 'issue main path, done when 2',
  },
  'labs:A1': {
    text: 'Create answers 202 and is served within 120 s; a call without session id gets one; the agent gets parsable JSON; the tool is called once; version 2 is served; after delete, get is 404',
    source: 'labs A1',
  },
  'labs:A3a': {
    text: 'The first event arrives while the agent still works; bytes are unchanged; the agent sees its caller go',
    source: 'labs A3a',
  },
  'labs:A3b': {
    text: 'A conversation grows in its session and starts anew in another; sandboxes run side by side; a stopped id starts clean',
    source: 'labs A3b',
  },
  'labs:A3c': {
    text: '95 MB arrive byte for byte while the memory of the server stays flat; 100,000,001 bytes are refused; a log line of 60 MB holds up nobody',
    source: 'labs A3c',
  },
  'labs:A3d': {
    text: 'HealthyBusy outlives the idle limit, the idle clock starts when it is over, maximum life ends even a busy session',
    source: 'labs A3d',
  },
} as const;
