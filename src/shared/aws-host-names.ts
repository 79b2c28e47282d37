/** The names by which SDKs know AWS in one region. */
export interface AwsHostNames {
  readonly dataPlane: string;
  readonly controlPlane: string;
  /** One gateway's; `*` makes the wildcard of all. */
  gateway(id: string): string;
  /** Services that Berth does not serve, but that an operator may lead to it: they are in its certificate. */
  readonly others: readonly string[];
}

/** contract 6.1: SDKs build these from the region, on port 443, and some take no other. */
export function awsHostNames(region: string): AwsHostNames {
  const zone = `${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
  const dataPlane = `bedrock-agentcore.${zone}`;
  return {
    dataPlane,
    controlPlane: `bedrock-agentcore-control.${zone}`,
    gateway: (id) => `${id}.gateway.${dataPlane}`,
    others: ['bedrock-runtime', 'xray', 'logs'].map((service) => `${service}.${zone}`),
  };
}
