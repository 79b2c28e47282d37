import type { SandboxId } from '../../shared/ids.ts';
import type { Connection } from '../authenticator.ts';
import type { RolePrincipal } from '../principal.ts';

export interface RoleCallersParts {
  /** The host's address on the network of sandboxes, where they call it, and nobody else can. */
  readonly gateway: string;
  /** From memory, as it is now. Undefined for an address of no live session: a pooled sandbox's, or one whose session is ending. */
  readonly roleAt: (address: string) => RolePrincipal | undefined;
}

/** Callers that are known by where they call from. */
export class RoleCallers {
  readonly #parts: RoleCallersParts;
  readonly #owners = new WeakMap<Connection, SandboxId>();

  constructor(parts: RoleCallersParts) {
    this.#parts = parts;
  }

  /**
   * To be asked anew for each request. A connection that one sandbox has used is no other's, should it outlive the first one and its
   * address be given away.
   */
  of(connection: Connection | undefined): RolePrincipal | undefined {
    const { gateway, roleAt } = this.#parts;
    if (connection === undefined || plain(connection.localAddress) !== gateway) return undefined;
    const role = roleAt(plain(connection.remoteAddress));
    if (role === undefined) return undefined;
    const owner = this.#owners.get(connection) ?? role.sandboxId;
    this.#owners.set(connection, owner);
    return owner === role.sandboxId ? role : undefined;
  }
}

/** As a socket that also takes IPv6 writes it, or not. */
function plain(address = ''): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
