import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import { loadServiceOperations } from '../model/service-operation.ts';
import { Patterns } from './constraints.ts';
import { parseInput, type WireInput } from './parse-input.ts';

const operations = loadServiceOperations();
const patterns = new Patterns();
const runtime = {
  agentRuntimeName: 'my_agent',
  agentRuntimeArtifact: { containerConfiguration: { containerUri: 'registry.example:5000/a/b@sha256:0123' } },
  roleArn: 'arn:aws:iam::111122223333:role/agent',
};

function parse(name: string, wire: Partial<WireInput>): Readonly<Record<string, unknown>> {
  const operation = operations.find((one) => one.name === name);
  assert.ok(operation);
  return parseInput(
    operation,
    { labels: {}, rawQuery: '', headers: {}, body: new Uint8Array(), ...wire },
    patterns,
  );
}

function parseJson(
  name: string,
  body: unknown,
  wire: Partial<WireInput> = {},
): Readonly<Record<string, unknown>> {
  return parse(name, { ...wire, body: Buffer.from(JSON.stringify(body)) });
}

function refusal(act: () => unknown): BerthError {
  let thrown: unknown;
  assert.throws(act, (error) => {
    thrown = error;
    return true;
  });
  assert.ok(thrown instanceof BerthError);
  assert.equal(thrown.code, 'validation');
  return thrown;
}

function refusedField(body: object): { name: string; message: string } {
  const [field, ...others] = refusal(() => parseJson('CreateAgentRuntime', { ...runtime, ...body })).fields;
  assert.ok(field);
  assert.deepEqual(others, []);
  return field;
}

describe('parsing a request', () => {
  it('returns the members of the model and ignores all others', () => {
    verifies('wire:unknown-members', 'wire:container-uri');
    const foreign =
      '"surprise": {"deep": [1]}, "__proto__": {"polluted": true}, "constructor": 1, "description": null';
    const input = parse('CreateAgentRuntime', {
      body: Buffer.from(`{${foreign}, ${JSON.stringify(runtime).slice(1)}`),
    });
    assert.deepEqual(input, runtime);
  });

  it('names every wrong member of a request at once', () => {
    verifies('wire:all-problems');
    const error = refusal(() =>
      parseJson('CreateAgentRuntime', {
        agentRuntimeName: '9-lives',
        agentRuntimeArtifact: { containerConfiguration: {} },
        networkConfiguration: { networkMode: 'LAN' },
        lifecycleConfiguration: { idleRuntimeSessionTimeout: 0, maxLifetime: 1.5 },
      }),
    );
    assert.equal(error.reason, 'FieldValidationFailed');
    assert.deepEqual(error.fields.map((field) => field.name).sort(), [
      'agentRuntimeArtifact.containerConfiguration.containerUri',
      'agentRuntimeName',
      'lifecycleConfiguration.idleRuntimeSessionTimeout',
      'lifecycleConfiguration.maxLifetime',
      'networkConfiguration.networkMode',
      'roleArn',
    ]);
    assert.match(
      error.message,
      /^6 validation errors detected: Value '9-lives' at 'agentRuntimeName' failed to satisfy constraint: Member must satisfy regular expression pattern: \[a-zA-Z\]\[a-zA-Z0-9_\]\{0,47\}; /,
    );
  });

  it('checks bounds, enums, types, required members and unions', () => {
    verifies('wire:bounds');
    const container = { containerUri: 'a' };
    const expected: [object, string, RegExp][] = [
      [{ description: '' }, 'description', /greater than or equal to 1$/],
      [{ description: 'é'.repeat(4097) }, 'description', /length less than or equal to 4096$/],
      [{ roleArn: 7 }, 'roleArn', /must be a string$/],
      [{ clientToken: 'short' }, 'clientToken', /greater than or equal to 33$/],
      [
        { protocolConfiguration: { serverProtocol: 'SMTP' } },
        'protocolConfiguration.serverProtocol',
        /enum value set: \[MCP, /,
      ],
      [{ protocolConfiguration: [] }, 'protocolConfiguration', /must be an object$/],
      [
        { lifecycleConfiguration: { maxLifetime: 1209601 } },
        'lifecycleConfiguration.maxLifetime',
        /less than or equal to 1209600$/,
      ],
      [
        { lifecycleConfiguration: { maxLifetime: '60' } },
        'lifecycleConfiguration.maxLifetime',
        /must be a number$/,
      ],
      [
        { agentRuntimeArtifact: {} },
        'agentRuntimeArtifact',
        /exactly one of: \[containerConfiguration, codeConfiguration\]$/,
      ],
      [{ agentRuntimeArtifact: { other: 1 } }, 'agentRuntimeArtifact', /exactly one of/],
      [{ tags: { 'a!': 'b' } }, 'tags.a!', /regular expression pattern/],
      [{ tags: { a: null } }, 'tags.a', /must not be null$/],
    ];
    for (const [body, name, message] of expected) {
      const field = refusedField(body);
      assert.equal(field.name, name);
      assert.match(field.message, message);
    }
    const both = { containerConfiguration: container, codeConfiguration: {} };
    const names = refusal(() =>
      parseJson('CreateAgentRuntime', { ...runtime, agentRuntimeArtifact: both }),
    ).fields;
    assert.ok(names.some((field) => field.message.includes('exactly one of')));
  });

  it('counts characters, not UTF-16 units', () => {
    assert.equal(
      parseJson('CreateAgentRuntime', { ...runtime, description: '😀'.repeat(4096) })['agentRuntimeName'],
      'my_agent',
    );
  });

  it('never repeats a sensitive value', () => {
    verifies('wire:sensitive');
    const field = refusedField({ environmentVariables: { TOKEN: 12_345 } });
    assert.equal(field.name, 'environmentVariables.TOKEN');
    assert.doesNotMatch(field.message, /12345/);
    const broken = refusal(() => parse('CreateAgentRuntime', { body: Buffer.from('{"a": hunter2}') }));
    assert.doesNotMatch(broken.message, /hunter2/);
  });

  it('never repeats the session of a consent, nor the password in a URL', () => {
    verifies('wire:sensitive');
    const sessionUri = 'urn:ietf:params:oauth:request_uri:hunter2 ';
    const userIdentifier = { userId: 'ann' };
    const session = refusal(() => parseJson('CompleteResourceTokenAuth', { sessionUri, userIdentifier }));
    assert.match(session.message, /^1 validation error detected: Value at 'sessionUri' failed/);
    const serverUrl = 'https://me:hunter2@example.com/a@b';
    const customJWTAuthorizer = { discoveryUrl: serverUrl, allowedClients: ['web'] };
    const url = refusedField({ authorizerConfiguration: { customJWTAuthorizer } });
    assert.match(url.message, /^Value 'https:\/\/\[redacted\]@example.com\/a@b' at/);
  });

  it('refuses what cannot be read at all', () => {
    verifies('wire:cannot-parse');
    const bodies = [
      '{',
      '[]',
      '"text"',
      'null',
      '{"a":1,}',
      '[['.repeat(200),
      '{"a":'.repeat(101) + '1' + '}'.repeat(101),
    ];
    for (const body of [...bodies.map((text) => Buffer.from(text)), Buffer.from([0x7b, 0xff, 0x7d])]) {
      assert.equal(refusal(() => parse('CreateAgentRuntime', { body })).reason, 'CannotParse');
    }
    assert.equal(
      refusal(() => parse('ListAgentRuntimes', { rawQuery: 'nextToken=%ff' })).reason,
      'CannotParse',
    );
    assert.ok(parseJson('CreateAgentRuntime', { ...runtime, surprise: '{"[\\"'.repeat(300) }));
  });

  it('reads lists in the query as repeated keys, and single ones once', () => {
    verifies('wire:query-lists');
    const labels = { resourceArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/a-AbCdEf1234' };
    assert.deepEqual(parse('UntagResource', { labels, rawQuery: 'tagKeys=a%20b&tagKeys=c' }), {
      ...labels,
      tagKeys: ['a b', 'c'],
    });
    assert.deepEqual(parse('ListAgentRuntimes', { rawQuery: 'maxResults=7&nextToken=a%3D' }), {
      maxResults: 7,
      nextToken: 'a=',
    });
    for (const rawQuery of [
      'maxResults=7&maxResults=8',
      'maxResults=0',
      'maxResults=101',
      'maxResults=x',
      'maxResults=',
    ]) {
      assert.equal(refusal(() => parse('ListAgentRuntimes', { rawQuery })).fields[0]?.name, 'maxResults');
    }
    assert.equal(refusal(() => parse('UntagResource', { labels })).fields[0]?.name, 'tagKeys');
  });

  it('reads members from path, query and headers under their names on the wire', () => {
    const labels = { agentRuntimeId: 'a-AbCdEf1234' };
    assert.deepEqual(parse('DeleteAgentRuntime', { labels, rawQuery: 'version=3' }), {
      ...labels,
      agentRuntimeVersion: '3',
    });
    const headers = { 'x-amzn-bedrock-agentcore-runtime-session-id': 's'.repeat(33) };
    const stop = parse('StopRuntimeSession', {
      labels: { agentRuntimeArn: 'arn' },
      headers,
      body: Buffer.from('{}'),
    });
    assert.deepEqual(stop, { agentRuntimeArn: 'arn', runtimeSessionId: 's'.repeat(33) });
  });

  it('takes a POST without a body as one without members', () => {
    verifies('wire:post-without-body');
    assert.deepEqual(parse('ListWorkloadIdentities', {}), {});
    assert.deepEqual(parse('ListAgentRuntimes', {}), {});
  });

  it('reads times and bytes as the model says', () => {
    verifies('wire:times');
    const event = {
      memoryId: 'm-AbCdEf1234',
      actorId: 'a',
      eventTimestamp: 1700000000.5,
      payload: [{ blob: { any: ['thing'] } }],
    };
    const parsed = parseJson('CreateEvent', event, { labels: { memoryId: 'm-AbCdEf1234' } });
    assert.deepEqual(parsed['eventTimestamp'], new Date(1700000000500));
    assert.deepEqual(parsed['payload'], event.payload);
    const wrong = refusal(() =>
      parseJson(
        'CreateEvent',
        { ...event, eventTimestamp: 'today' },
        { labels: { memoryId: 'm-AbCdEf1234' } },
      ),
    );
    assert.equal(wrong.fields[0]?.name, 'eventTimestamp');
  });
});

describe("the model's patterns", () => {
  it('all compile and are anchored; very long texts are refused unread', () => {
    verifies('wire:hostile-patterns');
    for (const shapes of new Set(operations.map((operation) => operation.shapes))) {
      for (const shape of Object.values(shapes)) {
        if (shape.type === 'string' && shape.pattern !== undefined) patterns.matches(shape.pattern, 'a');
      }
    }
    assert.equal(patterns.matches('[a-z]+', 'abc\n'), false);
    assert.equal(patterns.matches('a$|^bb', 'xbb'), false);
    assert.equal(patterns.matches('a$|^bb', 'bb'), true);
    assert.equal(patterns.matches('a+', 'a'.repeat(10_000)), false);
  });
});
