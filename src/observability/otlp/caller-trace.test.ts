import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { type CallerTrace, readCallerTrace } from './caller-trace.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const root = 'Root=1-0af76519-16cd43dd8448eb211c80319c';
const joined: CallerTrace = { traceId, parentId, isSampled: true, tracestate: undefined };

const joins: readonly (readonly [what: string, headers: Record<string, string>, trace: CallerTrace])[] = [
  ['traceparent', { traceparent: `00-${traceId}-${parentId}-01` }, joined],
  ['an unsampled one', { traceparent: `00-${traceId}-${parentId}-00` }, { ...joined, isSampled: false }],
  ['other flags', { traceparent: `00-${traceId}-${parentId}-03` }, joined],
  ['a later version', { traceparent: `01-${traceId}-${parentId}-01-more` }, joined],
  [
    'tracestate',
    { traceparent: `00-${traceId}-${parentId}-01`, tracestate: 'a=1,b=2' },
    { ...joined, tracestate: 'a=1,b=2' },
  ],
  [
    'traceparent before X-Ray',
    {
      traceparent: `00-${traceId}-${parentId}-01`,
      'x-amzn-trace-id': `Root=1-11111111-111111111111111111111111;Parent=${parentId};Sampled=0`,
    },
    joined,
  ],
  ['X-Ray', { 'x-amzn-trace-id': `${root};Parent=${parentId};Sampled=1` }, joined],
  [
    'X-Ray in any order and case',
    {
      'x-amzn-trace-id': `sampled=0; parent=${parentId.toUpperCase()} ;Lineage=a:1|b:2; ${root.toUpperCase()}`,
    },
    { ...joined, isSampled: false },
  ],
  [
    'X-Ray that leaves the decision to us',
    { 'x-amzn-trace-id': `${root};Parent=${parentId};Sampled=?` },
    { ...joined, isSampled: undefined },
  ],
  [
    'X-Ray without a parent',
    { 'x-amzn-trace-id': root },
    { ...joined, parentId: undefined, isSampled: undefined },
  ],
  [
    'X-Ray beside a malformed traceparent, whose tracestate goes with it',
    { traceparent: 'x', tracestate: 'a=1', 'x-amzn-trace-id': `${root};Parent=${parentId};Sampled=1` },
    joined,
  ],
];

const malformed: readonly Record<string, string>[] = [
  {},
  { tracestate: 'a=1' },
  { traceparent: '' },
  { traceparent: `00-${traceId}-${parentId}` },
  { traceparent: `00-${traceId}-${parentId}-1` },
  { traceparent: `00-${traceId}-${parentId}-01-more` },
  { traceparent: `ff-${traceId}-${parentId}-01` },
  { traceparent: `00-${traceId.toUpperCase()}-${parentId}-01` },
  { traceparent: `00-${'0'.repeat(32)}-${parentId}-01` },
  { traceparent: `00-${traceId}-${'0'.repeat(16)}-01` },
  { traceparent: `00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01` },
  { 'x-amzn-trace-id': 'rubbish' },
  { 'x-amzn-trace-id': ';;;===' },
  { 'x-amzn-trace-id': 'Root=1-0af76519-16cd' },
  { 'x-amzn-trace-id': `Root=1-00000000-${'0'.repeat(24)};Parent=${parentId};Sampled=1` },
];

describe("a caller's trace", () => {
  for (const [what, headers, trace] of joins)
    it(`is read from ${what}`, () => {
      verifies('telemetry:join');
      assert.deepEqual(readCallerTrace(headers), trace);
    });

  for (const headers of malformed)
    it(`is not read from ${JSON.stringify(headers)}`, () => {
      verifies('telemetry:join');
      assert.equal(readCallerTrace(headers), undefined);
    });
});
