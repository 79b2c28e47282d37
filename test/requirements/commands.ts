/** Commands and shells in the sandboxes of sessions: issue "data plane", Commands and shells. */
export const commands = {
  'commands:stream': {
    text: 'InvokeAgentRuntimeCommand answers with an event stream: contentStart, contentDelta as output comes, contentStop with exit code and COMPLETED',
    source: 'contract 3.1, 1.3',
  },
  'commands:text': {
    text: 'A piece of output is at most 64 KB of text; no character is split, and what is no UTF-8 becomes U+FFFD',
    source: 'contract 5.1',
  },
  'commands:back-pressure': {
    text: 'A command whose caller reads slowly is held back',
    source: 'issue data plane, Commands and shells',
  },
  'commands:bounds': {
    text: 'A command has 1 byte to 64 KB and 1 to 3600 seconds (300 unless said otherwise); anything else is a ValidationException',
    source: 'contract 3.1, 5.1',
  },
  'commands:timeout': {
    text: 'A command that takes too long is killed with all that it started, and reported as TIMED_OUT with the exit code -1',
    source: 'contract 3.1 / API reference, ContentStopEvent',
  },
  'commands:output-limit': {
    text: 'A command that writes more than 100,000,000 bytes is ended with a ServiceQuotaExceededException in the stream',
    source: 'contract 5.1',
  },
  'commands:caller-left': {
    text: 'A command whose caller goes away is killed with all that it started',
    source: 'issue data plane, Commands and shells',
  },
  'commands:session': {
    text: "A command runs in the session's sandbox, which is started if there is none, beside invocations; the session is not idle meanwhile",
    source: 'contract 3.1, 4.3',
  },
  'commands:permission': {
    text: 'Commands need the permission InvokeAgentRuntimeCommand, which keys of the role admin have and those of the role invoke have not',
    source: 'contract 1.7 / issue data plane, Commands and shells',
  },
  'commands:errors': {
    text: "What goes wrong before a command has started is an ordinary error; later it is an exception in the stream, with AWS's names",
    source: 'contract 1.3, 3.1',
  },
  'commands:clients': {
    text: 'The JavaScript SDK and boto3 run commands as they come, also in an image that runs as a user of its own',
    source: 'issue data plane, Done when 1',
  },
} as const;
