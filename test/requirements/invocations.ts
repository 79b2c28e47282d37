/** Invocations and what they promise: issue "main path", Invocation. */
export const invocations = {
  'invocations:byte-for-byte': {
    text: 'Any content type is relayed byte for byte in both directions; nothing is decompressed, re-framed or injected',
    source: 'issue main path, Invocation / design 4',
  },
  'invocations:first-byte': {
    text: 'The head and each chunk of an answer reach the caller as soon as the agent sends them',
    source: 'issue main path, Invocation / labs 4.1',
  },
  'invocations:flat-memory': {
    text: '100 MB in each direction pass with back-pressure and flat memory',
    source: 'issue main path, Invocation / design 4',
  },
  'invocations:early-answer': {
    text: 'An agent may answer before it has read all: the caller can finish its upload and gets the answer',
    source: 'issue main path, Invocation',
  },
  'invocations:body-limit': {
    text: '0 to 100,000,000 bytes are taken; one byte more is refused before any agent sees it, at once by Content-Length, else while it is spooled',
    source: 'issue main path, Invocation',
  },
  'invocations:patience': {
    text: 'An answer may take 15 minutes to begin, and a stream may be quiet for many minutes',
    source: 'issue main path, Invocation / contract 5.1',
  },
  'invocations:request-headers': {
    text: "The agent gets the session id, a request id, trace headers, Runtime-Custom-* and allow-listed headers; never the signature, the caller's x-amz-*, hop-by-hop headers or those named in Connection",
    source: 'contract 4.2, 1.7 / labs 4.1',
  },
  'invocations:authorization-header': {
    text: 'Authorization may be allow-listed by a runtime that takes bearer tokens, and reaches its agent then; a signature never does',
    source: 'contract 1.7',
  },
  'invocations:response-headers': {
    text: "The caller gets the agent's headers without hop-by-hop ones, cookies and names that only the service may use, and the session id, request id and trace headers",
    source: 'contract 1.7 / labs 4.1',
  },
  'invocations:content-defaults': {
    text: 'A missing Content-Type, or application/octet-stream over what can begin JSON, becomes application/json; a missing or */* Accept becomes text/event-stream, application/json',
    source: 'design 4 / labs 4.1',
  },
  'invocations:agent-error': {
    text: 'An answer that is not 2xx becomes 424 RuntimeClientError "Received error (STATUS) from runtime. Please check your CloudWatch logs for more information."',
    source: 'issue main path, Invocation / contract 4.5',
  },
  'invocations:agent-unreachable': {
    text: 'An agent that refuses or drops the connection before it answers is 424, with the reason when its process ended',
    source: 'contract 4.5 / issue main path, bad input',
  },
  'invocations:dies-in-mid-stream': {
    text: "An agent that dies in mid-stream cuts the caller's connection; nothing is appended",
    source: 'issue main path, bad input',
  },
  'invocations:caller-leaves': {
    text: 'A caller that goes away is closed upstream at once',
    source: 'design 4 / client-notes 5',
  },
  'invocations:re-send': {
    text: 'A re-send with the same amz-sdk-invocation-id, principal and session within 5 s, when nothing was answered, is attached to the running call; the agent runs once',
    source: 'design 4',
  },
  'invocations:never-twice': {
    text: 'Nothing is sent again that an agent may have seen',
    source: 'design 4',
  },
  'invocations:session-id': {
    text: 'A missing session id gets one; 33 to 256 printable characters are enforced; the answer carries it',
    source: 'issue main path, Sessions / labs 4.1',
  },
  'invocations:targets': {
    text: 'A runtime is named by its ARN, an endpoint ARN or its bare id with accountId, with or without a trailing slash; a malformed one is 400, an unknown one 404',
    source: 'contract 3.1 / labs 4.1',
  },
  'invocations:refused-starts-nothing': {
    text: 'A caller that is not authenticated or not authorised, or whose request is malformed, starts nothing',
    source: 'design 4',
  },
  'invocations:user-id': {
    text: 'The user-id header needs the right to InvokeAgentRuntimeForUser and is not passed on',
    source: 'contract 1.7, 4.2',
  },
  'invocations:agent-answers': {
    text: "An agent's answer is read as HTTP/1.1 strictly: what two readers could read differently is refused, whatever the pieces it comes in",
    source: 'issue data plane, Speed; design 4, the relay',
  },
  'invocations:wrong-hash': {
    text: "A body that is not the one that was signed resets the agent's connection and answers 403",
    source: 'design 4, authentication',
  },
  'invocations:bad-uploads': {
    text: 'A body that lies about its length or breaks off costs nothing but an error',
    source: 'issue main path, bad input',
  },
  'invocations:rate': {
    text: 'Data-plane requests beyond their rate are refused with 429 before anything starts',
    source: 'issue main path, Operations / contract 5.1',
  },
  'invocations:stop': {
    text: 'StopRuntimeSession answers 200 with the session id when the sandbox is gone, also the second time; an unknown id is 404, a missing one 400',
    source: 'contract 3.1 / issue main path, bad input',
  },
} as const;
