import { createHmac } from 'node:crypto';

interface SigningScope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** Derives signing keys, four HMACs each, and keeps the most recently used. */
export class SigningKeys {
  readonly #keys = new Map<string, Buffer>();
  readonly #limit: number;

  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  derive(accessKeyId: string, secret: string, { date, region, service }: SigningScope): Buffer {
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

function deriveSigningKey(secret: string, { date, region, service }: SigningScope): Buffer {
  return [date, region, service, 'aws4_request'].reduce(
    (key: Buffer, text) => createHmac('sha256', key).update(text).digest(),
    Buffer.from(`AWS4${secret}`),
  );
}
