import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { BerthError } from '../shared/errors.ts';

/** Encrypts secrets at rest. `purpose` is authenticated with them, so that a sealed value cannot be moved to another row. */
export interface SealedBox {
  seal(secret: string, purpose: string): string;
  /** Throws `internal` when the value was sealed with another key or for another purpose. */
  open(sealed: string, purpose: string): string;
}

const version = 'v1';

/** AES-256-GCM under a 32-byte key: `v1.<nonce>.<tag>.<ciphertext>`, base64url. */
export function createSealedBox(key: Uint8Array): SealedBox {
  return {
    seal(secret, purpose) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
      const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return [
        version,
        ...[nonce, cipher.getAuthTag(), ciphertext].map((part) => part.toString('base64url')),
      ].join('.');
    },
    open(sealed, purpose) {
      const [usedVersion, nonce, tag, ciphertext] = sealed.split('.');
      if (usedVersion !== version || nonce === undefined || tag === undefined || ciphertext === undefined) {
        throw new BerthError('internal', `A sealed ${purpose} has an unknown form.`);
      }
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), {
          authTagLength: 16,
        })
          .setAAD(Buffer.from(purpose))
          .setAuthTag(Buffer.from(tag, 'base64url'));
        return (
          decipher.update(Buffer.from(ciphertext, 'base64url'), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch (error) {
        throw new BerthError(
          'internal',
          `A sealed ${purpose} cannot be opened: the master key is not the one it was sealed with.`,
          { cause: error },
        );
      }
    },
  };
}
