/** Ids of networks that the server's operator named. */
export interface VersionNetwork {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}
