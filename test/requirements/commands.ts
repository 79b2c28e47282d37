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
  'shells:framing': {
    text: 'A shell speaks in binary frames of a channel and its data: status first and last, output, input, size of the terminal, heartbeats that come back; unknown channels are ignored',
    source: 'contract 1.5',
  },
  'shells:headers': {
    text: 'The 101 names session and shell; a shell without an id gets one',
    source: 'contract 1.5',
  },
  'shells:session': {
    text: "A shell runs in the session's sandbox beside invocations; while somebody is connected the session is not idle; with the sandbox it ends, and says so",
    source: 'contract 1.5, 4.3',
  },
  'shells:close': {
    text: 'A close frame kills the shell for good, is echoed, and the connection closes with 1000',
    source: 'contract 1.5',
  },
  'shells:reconnect': {
    text: 'A shell goes on without its client for 15 minutes; the next one gets the newest 256 KB that it missed and is told how much more there was',
    source: 'contract 1.5',
  },
  'shells:take-over': {
    text: 'A client that connects to a shell takes it over; the one before is closed with 4000',
    source: 'contract 1.5',
  },
  'shells:refusals': {
    text: 'Before the upgrade a caller without the permission, a bad shell id, the eleventh shell of a session and one that is being opened are refused as AWS does, and nothing is started',
    source: 'contract 1.5 / developer guide, interactive shells',
  },
  'shells:limits': {
    text: 'Frames over 64 KB end a connection with 1009, more than 250 in a second, an hour, input that is not read and a client that does not read with 1008, five text frames in a row with 1003',
    source: 'contract 1.5',
  },
  'shells:shutdown': {
    text: 'A server that closes says 1001 to those at shells, and leaves no shell behind',
    source: 'contract 1.5',
  },
  'shells:clients': {
    text: "The AgentCore SDKs' shell helpers, ws and Python websockets work as they come",
    source: 'issue data plane, Done when 1',
  },
  'commands:background': {
    text: 'A command that leaves something in the background is over with its own process, and nothing that it wrote is lost; what is left cannot hold the session beyond the timeout',
    source: 'issue data plane, Commands and shells',
  },
} as const;
