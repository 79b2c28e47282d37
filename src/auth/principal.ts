import type { Scope } from '../shared/ids.ts';

export type KeyRole = 'admin' | 'invoke';

/** Who is calling, after authentication. */
export interface Principal extends Scope {
  readonly kind: 'access-key';
  readonly accessKeyId: string;
  readonly role: KeyRole;
}
