import type { SigningKeys } from '../../identity/tokens/signing-keys.ts';
import { type AdminRoute, json } from './admin-request.ts';

/** What of the identity service its operator does by hand. */
export function identityRoutes(signingKeys: Pick<SigningKeys, 'rotate'>): readonly AdminRoute[] {
  return [
    {
      method: 'POST',
      path: '/identity/signing-key/rotate',
      action: 'berth:RotateSigningKey',
      answer: async () => json({ keyId: await signingKeys.rotate() }, 201),
    },
  ];
}
