import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import { type NamedNetworks, namedNetworkPolicy, namedNetworkProblem } from './named-networks.ts';

const named: NamedNetworks = {
  subnets: {
    'subnet-inside00': { ranges: ['10.20.0.0/16'], nameservers: ['10.20.0.2'] },
    'subnet-outside0': { ranges: ['0.0.0.0/0'], nameservers: ['10.20.0.2', '203.0.113.53'] },
  },
  securityGroups: {
    'sg-database': { egress: [{ range: '10.20.7.0/24', protocol: 'tcp', ports: [5432, 5432] }] },
    'sg-anything': { egress: [{ range: '0.0.0.0/0', protocol: 'any', ports: undefined }] },
    'sg-elsewhere': { egress: [{ range: '192.168.0.0/16', protocol: 'any', ports: undefined }] },
  },
};

test('a network reaches what lies behind its subnets and is let out by its groups', () => {
  verifies('network:vpc');
  const reached = (subnets: string[], securityGroups: string[]) => {
    const policy = namedNetworkPolicy(named, { subnets, securityGroups });
    assert.equal(policy.kind, 'network');
    return policy.rules.map(({ range, ports }) => (ports === undefined ? range : `${range}:${ports[0]}`));
  };

  assert.deepEqual(reached(['subnet-inside00'], ['sg-database']), ['10.20.7.0/24:5432']);
  assert.deepEqual(reached(['subnet-inside00'], ['sg-anything']), ['10.20.0.0/16']);
  assert.deepEqual(reached(['subnet-inside00'], ['sg-elsewhere']), []);
  assert.deepEqual(reached(['subnet-inside00', 'subnet-outside0'], ['sg-database', 'sg-elsewhere']), [
    '10.20.7.0/24:5432',
    '10.20.7.0/24:5432',
    '192.168.0.0/16',
  ]);
});

test('its resolvers are those of its subnets', () => {
  verifies('network:vpc');
  const ids = { subnets: ['subnet-inside00', 'subnet-outside0'], securityGroups: ['sg-database'] };
  const policy = namedNetworkPolicy(named, ids);
  assert.deepEqual(policy.kind === 'network' && policy.nameservers, ['10.20.0.2', '203.0.113.53']);
});

test('an unknown id is refused with the ids that there are', () => {
  verifies('network:vpc-ids');
  const ids = { subnets: ['subnet-inside00'], securityGroups: ['sg-toString'] };
  assert.match(namedNetworkProblem(named, ids) ?? '', /no security group 'sg-toString'.*sg-database/);
  assert.match(
    namedNetworkProblem({ subnets: {}, securityGroups: {} }, ids) ?? '',
    /no subnet 'subnet-inside00'. It has none; the file of BERTH_NETWORKS/,
  );
  assert.throws(() => namedNetworkPolicy(named, ids), { code: 'validation' });
});
