import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

interface SigningScope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** Derives signing keys, four HMACs each, and keeps the most recently used, in the form that is quickest to use. */
export class SigningKeys {
  readonly #keys = new Map<string, KeyObject>();
  readonly #limit: number;

  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  derive(accessKeyId: string, secret: string, { date, region, service }: SigningScope): KeyObject {
    const name = `${accessKeyId}/${date}/${region}/${service}`;
    const key = this.#keys.get(name) ?? deriveSigningKey(secret, { date, region, service });
    this.#keys.delete(name);
    this.#keys.set(name, key);
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= this.#limit) break;
      this.#keys.delete(oldest);
    }
    return key;
  }
}

function deriveSigningKey(secret: string, { date, region, service }: SigningScope): KeyObject {
  const key = [date, region, service, 'aws4_request'].reduce(
    (last: Buffer, text) => createHmac('sha256', last).update(text).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return createSecretKey(key);
}
