import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { parseAllowedDestination } from './allowed-destination.ts';

test('a destination is a name, all names below one, an address or a range, with a port or without', () => {
  verifies('network:list-form');
  const name = { kind: 'name', isWildcard: false, port: undefined };
  const cases = {
    'Api.Example.com': { ...name, name: 'api.example.com' },
    'api.example.com:443': { ...name, name: 'api.example.com', port: 443 },
    '.example.com': { ...name, name: 'example.com', isWildcard: true },
    '*.example.com:8443': { ...name, name: 'example.com', isWildcard: true, port: 8_443 },
    '_dmarc.example.com': { ...name, name: '_dmarc.example.com' },
    '203.0.113.7': { kind: 'range', range: '203.0.113.7/32', port: undefined },
    '203.0.113.0/24:53': { kind: 'range', range: '203.0.113.0/24', port: 53 },
  };
  for (const [text, expected] of Object.entries(cases))
    assert.deepEqual(parseAllowedDestination(text), expected, text);
});

test('anything else is no destination', () => {
  verifies('network:list-form');
  const others = [
    '',
    'on',
    'localhost',
    'https://example.com',
    'example.com/path',
    'example.com:0',
    'example.com:65536',
    'example.com:443:1',
    'a..example.com',
    '-a.example.com',
    '*.*.example.com',
    'a.*.example.com',
    '.',
    '1.2.3',
    '1.2.3.256',
    '10.0.0.0/33',
    'fd00::1',
    `${'a'.repeat(64)}.example.com`,
    `${'abc.'.repeat(70)}example.com`,
    'exam ple.com',
    'example.com;drop',
  ];
  for (const text of others) assert.equal(parseAllowedDestination(text), undefined, text);
});
