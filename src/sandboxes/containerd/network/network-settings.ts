/** `config.network`. */
export interface NetworkSettings {
  readonly egress: boolean;
  readonly allowedCidrs: readonly string[];
  readonly allowedHostPorts: readonly number[];
  readonly subnet: string | undefined;
}
