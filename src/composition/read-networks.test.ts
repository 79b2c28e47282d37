import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { readNetworks } from './read-networks.ts';

async function reading(content: string) {
  const folder = await mkdtemp(join(tmpdir(), 'berth-networks-'));
  try {
    const file = join(folder, 'networks.json');
    await writeFile(file, content);
    return await readNetworks(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('the file of BERTH_NETWORKS names subnets and security groups', async () => {
  verifies('network:file');
  const networks = await reading(`{
    "subnets": { "subnet-0123456789abcdef0": { "ranges": ["10.20.0.0/16"], "nameservers": ["10.20.0.2"] } },
    "securityGroups": { "sg-0123456789abcdef0": { "egress": [
      { "to": "10.20.0.0/16", "protocol": "tcp", "ports": "5432" }, { "to": "10.20.9.0/24", "ports": "8000-8100" }, { "to": "10.20.8.8" }
    ] } }
  }`);
  assert.deepEqual(networks, {
    subnets: { 'subnet-0123456789abcdef0': { ranges: ['10.20.0.0/16'], nameservers: ['10.20.0.2'] } },
    securityGroups: {
      'sg-0123456789abcdef0': {
        egress: [
          { range: '10.20.0.0/16', protocol: 'tcp', ports: [5432, 5432] },
          { range: '10.20.9.0/24', protocol: 'any', ports: [8000, 8100] },
          { range: '10.20.8.8', protocol: 'any', ports: undefined },
        ],
      },
    },
  });
  assert.deepEqual(await readNetworks(undefined), { subnets: {}, securityGroups: {} });
});

test('what is wrong in it keeps the server from starting, and is said', async () => {
  verifies('network:file');
  const group = (rule: string) => `{"securityGroups":{"sg-01234567":{"egress":[${rule}]}}}`;
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{', /not a file of JSON/],
    ['{"subnet":{}}', /subnet/],
    ['{"subnets":{"my-subnet":{"ranges":[]}}}', /subnets.my-subnet.*subnet-0123456789abcdef0/],
    ['{"subnets":{"subnet-01234567":{"ranges":["10.0.0.0/40"]}}}', /ranges.0: expected an IPv4 range/],
    ['{"subnets":{"subnet-01234567":{"ranges":["169.254.169.254"]}}}', /link-local/],
    [group('{"to":"10.0.0.0/8","ports":"0"}'), /egress.0.ports: expected ports from 1 to 65535/],
    [group('{"to":"10.0.0.0/8","port":"5"}'), /egress.0.*port/],
    [group('{"to":"10.0.0.0/8","protocol":"icmp"}'), /protocol/],
  ];
  for (const [content, message] of cases)
    await assert.rejects(reading(content), { code: 'validation', message }, content);
  await assert.rejects(readNetworks('/nowhere/networks.json'), { code: 'validation' });
});
