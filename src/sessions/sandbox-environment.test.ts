import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { sandboxEnvironment } from './sandbox-environment.ts';
import { echo, scope } from './testing/sessions-fixture.ts';

const arn = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/echo-AbCdEf1234';
const urls = {
  awsUrl: undefined,
  internalUrl: 'http://berth.internal:4780',
  publicUrl: 'https://agents.example.com',
  scope,
};
const version = { runtimeId: echo, protocol: 'HTTP', environment: {} } as const;

test('a container is told where it is and how to reach the service, by every name that clients use', () => {
  verifies('sessions:environment', 'role:variables');
  assert.deepEqual(sandboxEnvironment({ ...urls, version }), {
    DOCKER_CONTAINER: '1',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: urls.internalUrl,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: urls.internalUrl,
    BEDROCK_AGENTCORE_DP_ENDPOINT: urls.internalUrl,
    BEDROCK_AGENTCORE_CP_ENDPOINT: urls.internalUrl,
    BEDROCK_AGENTCORE_CONTROL_ENDPOINT: urls.internalUrl,
    BEDROCK_AGENTCORE_DATA_PLANE_ENDPOINT: urls.internalUrl,
    BEDROCK_AGENTCORE_GATEWAY_ENDPOINT: urls.internalUrl,
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/role/credentials',
    OTEL_RESOURCE_ATTRIBUTES: `cloud.resource_id=${arn}`,
  });
});

test('with TLS it is told of the bundle, and of the AWS name where clients take no other; what it declares wins', () => {
  verifies('tls:sandboxes');
  const awsUrl = 'https://bedrock-agentcore.us-east-1.amazonaws.com';
  const environment = { SSL_CERT_FILE: '/mine.pem' };
  const plain = sandboxEnvironment({ ...urls, version });
  const made = sandboxEnvironment({ ...urls, awsUrl, version: { ...version, environment } });
  const bundle = '/.berth/ca-bundle.pem';
  assert.deepEqual(made, {
    ...plain,
    BEDROCK_AGENTCORE_DP_ENDPOINT: awsUrl,
    BEDROCK_AGENTCORE_DATA_PLANE_ENDPOINT: awsUrl,
    NODE_EXTRA_CA_CERTS: bundle,
    AWS_CA_BUNDLE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    CURL_CA_BUNDLE: bundle,
    SSL_CERT_FILE: '/mine.pem',
  });
});

test('declared variables win', () => {
  verifies('sessions:environment');
  const environment = { AWS_REGION: 'eu-west-1', MINE: 'yes' };
  const made = sandboxEnvironment({ ...urls, version: { ...version, environment } });
  assert.deepEqual(
    [made['AWS_REGION'], made['MINE'], made['AWS_DEFAULT_REGION']],
    ['eu-west-1', 'yes', 'us-east-1'],
  );
});

test('a version that declares where its credentials are has no other place', () => {
  verifies('role:variables');
  const name = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI';
  const made = (environment: Record<string, string>) =>
    sandboxEnvironment({ ...urls, version: { ...version, environment } });

  assert.equal(made({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/mine' })[name], undefined);
  assert.equal(made({ [name]: '/mine' })[name], '/mine');
});

test('an A2A agent knows the URL that its callers use', () => {
  verifies('sessions:environment');
  const made = sandboxEnvironment({ ...urls, version: { ...version, protocol: 'A2A' } });
  assert.equal(
    made['AGENTCORE_RUNTIME_URL'],
    `https://agents.example.com/runtimes/${encodeURIComponent(arn)}/invocations/`,
  );
});
