/** `config.network`. */
export interface NetworkSettings {
  readonly egress: boolean;
  readonly allowedCidrs: readonly string[];
  readonly allowedHostPorts: readonly number[];
  readonly subnet: string | undefined;
}

/** The internal listener with TLS, beside the plain one. */
export interface InternalTls {
  /** Of the gateway's address. Sandboxes reach it at 443, which other programs of the host may have for themselves. */
  readonly port: number;
  /** Names that mean the gateway inside sandboxes. */
  readonly hostNames: readonly string[];
}
