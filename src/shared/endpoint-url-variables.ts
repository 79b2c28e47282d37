/** Each client family reads its own variable to find the service (labs 1.1). */
export const endpointUrlVariables: readonly string[] = [
  'AWS_ENDPOINT_URL_BEDROCK_AGENTCORE',
  'AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL',
  'BEDROCK_AGENTCORE_DP_ENDPOINT',
  'BEDROCK_AGENTCORE_CP_ENDPOINT',
  'BEDROCK_AGENTCORE_CONTROL_ENDPOINT',
  'BEDROCK_AGENTCORE_DATA_PLANE_ENDPOINT',
  'BEDROCK_AGENTCORE_GATEWAY_ENDPOINT',
];

/** Of these, the ones whose readers open WebSockets and then take no other host than one of AWS's, always with TLS (labs 1.1). */
export const awsNameVariables: readonly string[] = [
  'BEDROCK_AGENTCORE_DP_ENDPOINT',
  'BEDROCK_AGENTCORE_DATA_PLANE_ENDPOINT',
];
