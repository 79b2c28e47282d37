import type { TemporaryCredentials } from '../../auth/role/role-credentials.ts';

export interface MetadataAnswer {
  readonly status: number;
  /** An object is sent as JSON. */
  readonly body: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The members that both services have. */
export function shownCredentials(credentials: TemporaryCredentials) {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: shownTime(credentials.expiresAtMs),
  };
}

/** Whole seconds, as AWS writes them. */
export function shownTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
