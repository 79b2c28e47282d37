export interface RegistryCredential {
  readonly username: string;
  readonly password: string;
}

/** What may be shown of a credential. */
export interface RegistryCredentialSummary {
  readonly host: string;
  readonly username: string;
  readonly createdAtMs: number;
}

/** Log-ins at other registries, one per host as `parseRegistryHost` writes it. Passwords are sealed at rest. */
export interface RegistryCredentialStore {
  /** Replaces the one there was. */
  put(host: string, credential: RegistryCredential, nowMs: number): Promise<void>;
  find(host: string): Promise<RegistryCredential | undefined>;
  list(): Promise<readonly RegistryCredentialSummary[]>;
  /** False when there was none. */
  remove(host: string): Promise<boolean>;
}
