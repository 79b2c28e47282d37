import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { verifies } from '../../../../test/requirements.ts';
import { createAddressLedger } from './address-ledger.ts';
import { firewallRules } from './firewall-rules.ts';
import { contains, formatRange, macOf, overlaps, parseRange } from './ipv4.ts';
import type { Ipv4Range } from './ipv4.ts';
import { createNetworkNames } from './network-names.ts';
import { findNameservers } from './nameservers.ts';

describe('IPv4 ranges', () => {
  it('parses what it prints, by network address', () => {
    assert.equal(formatRange(range('10.213.7.9/22')), '10.213.4.0/22');
    assert.equal(formatRange(range('192.168.1.1')), '192.168.1.1/32');
    assert.equal(formatRange(range('0.0.0.0/0')), '0.0.0.0/0');
  });

  it('refuses what is no range', () => {
    for (const text of [
      '',
      '10.0.0',
      '10.0.0.256',
      '10.0.0.0/33',
      '10.0.0.0/',
      '010.0.0.1',
      '1.2.3.4/8/8',
      'fd00::/8',
      '1.2.3.4; drop',
    ]) {
      assert.equal(parseRange(text), undefined, text);
    }
  });

  it('knows what lies within and what overlaps', () => {
    assert.ok(contains(range('10.0.0.0/8'), range('10.255.0.0/16')));
    assert.ok(!contains(range('10.255.0.0/16'), range('10.0.0.0/8')));
    assert.ok(overlaps(range('10.255.0.0/16'), range('10.0.0.0/8')));
    assert.ok(!overlaps(range('10.0.0.0/24'), range('10.0.1.0/24')));
  });
});

describe('names of a network', () => {
  it('tell the address, fit the kernel and belong to one server', () => {
    const names = createNetworkNames('deadbeef', range('10.213.4.0/22'));

    assert.equal(names.lastIndex, 1_001);
    assert.equal(names.addressAt(names.lastIndex), '10.213.7.233');
    assert.equal(macOf('10.213.7.233'), '0a:58:0a:d5:07:e9');
    assert.ok(
      names.linkName(names.lastIndex).length <= 15 && names.bridges.every((bridge) => bridge.length <= 15),
    );
    assert.equal(names.indexOfSlot(names.slotName(17, 'ab12')), 17);
    assert.equal(names.indexOfLink(names.linkName(17)), 17);
    assert.equal(
      createNetworkNames('deadbee', range('10.213.4.0/22')).indexOfLink(names.linkName(17)),
      undefined,
    );
    assert.equal(
      createNetworkNames('deadbee', range('10.213.4.0/22')).indexOfSlot(names.slotName(17, 'x')),
      undefined,
    );
  });
});

describe('address ledger', () => {
  it('gives the address that has been free the longest', () => {
    const ledger = createAddressLedger(2, 5, 1);
    ledger.occupy(4);
    const taken = [ledger.take(), ledger.take(), ledger.take(), ledger.take()];
    assert.deepEqual(taken, [3, 5, 2, undefined]);

    ledger.giveBack(5);
    ledger.giveBack(3);
    ledger.giveBack(99);

    assert.deepEqual([ledger.take(), ledger.take(), ledger.take()], [5, 3, undefined]);
  });
});

describe('name servers', () => {
  it('are those of the host, IPv4 only', async () => {
    verifies('sandboxes:nameservers');
    const text =
      'search lan\nnameserver fd00::1\nnameserver 192.168.1.1\n# nameserver 9.9.9.9\nnameserver 8.8.8.8\n';
    assert.deepEqual(await nameservers({ '/etc/resolv.conf': text }), ['192.168.1.1', '8.8.8.8']);
  });

  it('are the upstreams of a resolver on loopback', async () => {
    verifies('sandboxes:nameservers');
    const files = {
      '/etc/resolv.conf': 'nameserver 127.0.0.53\nnameserver ::1\n',
      '/run/systemd/resolve/resolv.conf': 'nameserver 10.0.0.2\n',
    };
    assert.deepEqual(await nameservers(files), ['10.0.0.2']);
    assert.deepEqual(await nameservers({ '/etc/resolv.conf': 'nameserver 127.0.0.1\n' }), []);
  });

  it('are only those in allowed ranges when egress is off', async () => {
    const files = { '/etc/resolv.conf': 'nameserver 8.8.8.8\nnameserver 10.0.0.2\n' };
    assert.deepEqual(await nameservers(files, false, [range('10.0.0.0/24')]), ['10.0.0.2']);
  });
});

describe('firewall rules', () => {
  it('open port 53 of the name servers before the private ranges are closed, and nothing else of them', () => {
    verifies('sandboxes:nameservers');
    const rules = firewallRules({
      names: createNetworkNames('deadbeef', range('10.213.4.0/22')),
      internalPort: 4_701,
      internalTlsPort: undefined,
      dnsPort: 4_753,
      allowedHostPorts: [],
      allowedRanges: [],
      egress: true,
      nameservers: ['192.168.1.1'],
      insideNameservers: [],
    });
    const lines = rules.split('\n').map((line) => line.trim());
    const opened = lines.filter((line) => line.includes('192.168.1.1'));

    assert.deepEqual(
      new Set(opened),
      new Set([
        'ip daddr { 192.168.1.1 } meta l4proto { tcp, udp } th dport 53 goto by_source',
        'ip daddr { 192.168.1.1 } meta l4proto { tcp, udp } th dport 53 accept',
      ]),
    );
    assert.ok(
      lines.lastIndexOf(opened[0] ?? '') < lines.findIndex((line) => line.includes('192.168.0.0/16')),
    );
  });
});

function range(text: string): Ipv4Range {
  const parsed = parseRange(text);
  assert.ok(parsed);
  return parsed;
}

function nameservers(
  files: Readonly<Record<string, string>>,
  egress = true,
  allowedRanges: readonly Ipv4Range[] = [],
) {
  return findNameservers({ readText: (path) => Promise.resolve(files[path]), egress, allowedRanges });
}
