import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { IssuerPolicy } from './issuer-policy.ts';

const policy = new IssuerPolicy({
  privateIssuers: ['http://127.0.0.1:8080', 'https://login.corp.example'],
  hostAddresses: () => ['127.0.0.1', '8.8.4.4', '2600:1::5'],
});

test('issuers speak TLS, unless their origin is named', () => {
  verifies('auth:bearer-ssrf');
  assert.equal(policy.problemOf(new URL('https://issuer.example/x')), undefined);
  assert.equal(policy.problemOf(new URL('http://127.0.0.1:8080/realms/x')), undefined);
  const refused = [
    'http://issuer.example/x',
    'http://127.0.0.1:8081/x',
    'http://localhost:8080/x',
    'ftp://issuer.example/x',
    'file:///etc/passwd',
    'https://user:secret@issuer.example/x',
    'https://127.0.0.1:8080/x',
    'https://0x7f.1/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://8.8.4.4/x',
  ];
  for (const url of refused) {
    const problem = policy.problemOf(new URL(url));
    assert.match(problem ?? '', /^The issuer.*\.$/, url);
    assert.doesNotMatch(problem ?? '', /secret/);
  }
});

test('addresses of this machine, of private networks and of metadata services are refused', () => {
  verifies('auth:bearer-ssrf');
  const url = new URL('https://issuer.example/x');
  for (const address of ['93.184.216.34', '1.1.1.1', '2606:4700::1111', '2a00:1450:4001::68'])
    assert.equal(policy.addressProblem(url, address), undefined, address);
  const refused = [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.9.9.9', '169.254.169.254', '172.31.0.1'],
    ...['192.168.1.1', '198.18.0.1', '203.0.113.9', '224.0.0.1', '255.255.255.255', '8.8.4.4'],
    ...['::', '::1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '64:ff9b::a00:1', 'fc00::1', 'fd00:ec2::254'],
    ...['fe80::1', 'fe80::1%eth0', 'ff02::1', '2001::1', '2001:db8::1', '2002:7f00:1::', '2600:1:0::5'],
    ...['not an address', ''],
  ];
  for (const address of refused) assert.notEqual(policy.addressProblem(url, address), undefined, address);
});

test('a named origin may be private, but never a metadata service', () => {
  verifies('auth:bearer-ssrf');
  const url = new URL('https://login.corp.example/x');
  assert.equal(policy.addressProblem(url, '10.1.2.3'), undefined);
  for (const address of ['169.254.169.254', 'fd00:ec2::254'])
    assert.match(policy.addressProblem(url, address) ?? '', /metadata service/);
});
