import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { SandboxId } from '../../shared/ids.ts';
import type { RolePrincipal } from '../principal.ts';
import { RoleCallers } from './role-callers.ts';
import { testRole } from './testing/roles.ts';

const gateway = '10.213.0.1';
const remoteAddress = '10.213.0.17';

describe('callers by their address', () => {
  it('are whoever has the address at each request, and nobody once it is given up', () => {
    verifies('role:by-address', 'role:ended');
    const { callers, owners } = open();
    const connection = { localAddress: gateway, remoteAddress };
    assert.equal(callers.of(connection), undefined);

    owners.set(remoteAddress, testRole());
    assert.deepEqual(callers.of(connection), testRole());
    owners.delete(remoteAddress);

    assert.equal(callers.of(connection), undefined);
  });

  it("are not the next owner of the address on the former one's connection", () => {
    verifies('role:ended', 'role:own-sandbox');
    const { callers, owners } = open();
    const connection = { localAddress: gateway, remoteAddress };
    owners.set(remoteAddress, testRole());
    callers.of(connection);
    const next = testRole({ sandboxId: 'sb-bbbbbbbbbbbbbbbbbbbb' as SandboxId });
    owners.set(remoteAddress, next);

    assert.equal(callers.of(connection), undefined);
    assert.deepEqual(callers.of({ localAddress: gateway, remoteAddress }), next);
  });

  it("call the host by its address on the sandboxes' network, also as a socket for IPv6 writes it", () => {
    verifies('role:by-address');
    const { callers, owners } = open();
    owners.set(remoteAddress, testRole());

    for (const localAddress of ['127.0.0.1', '10.213.0.2', undefined])
      assert.equal(callers.of({ localAddress, remoteAddress }), undefined, localAddress);
    const mapped = { localAddress: `::ffff:${gateway}`, remoteAddress: `::ffff:${remoteAddress}` };
    assert.deepEqual(callers.of(mapped), testRole());
  });
});

function open() {
  const owners = new Map<string, RolePrincipal>();
  const callers = new RoleCallers({ gateway, roleAt: (address) => owners.get(address) });
  return { callers, owners };
}
