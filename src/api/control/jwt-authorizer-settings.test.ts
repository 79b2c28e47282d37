import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import type {
  AuthorizerConfiguration,
  CreateAgentRuntimeRequest,
  CustomClaimValidationType,
  CustomJWTAuthorizerConfiguration,
} from '../model/generated/types.ts';
import { caller, controlFixture, failure, settingsOf } from './testing/control-fixture.ts';

const discoveryUrl = 'https://id.example/pool/.well-known/openid-configuration';

function request(authorizer: Partial<CustomJWTAuthorizerConfiguration>): CreateAgentRuntimeRequest {
  const customJWTAuthorizer = { discoveryUrl, ...authorizer };
  return {
    agentRuntimeName: 'echo',
    ...settingsOf('echo:v1'),
    authorizerConfiguration: { customJWTAuthorizer },
  };
}

function rule(
  inboundTokenClaimValueType: CustomClaimValidationType['inboundTokenClaimValueType'],
  claimMatchOperator: CustomClaimValidationType['authorizingClaimMatchValue']['claimMatchOperator'],
  claimMatchValue: CustomClaimValidationType['authorizingClaimMatchValue']['claimMatchValue'],
): CustomClaimValidationType {
  return {
    inboundTokenClaimName: 'cognito:groups',
    inboundTokenClaimValueType,
    authorizingClaimMatchValue: { claimMatchOperator, claimMatchValue },
  };
}

const one = { matchValueString: 'staff' };
const several = { matchValueStringList: ['staff', 'ops'] };

test('an authorizer belongs to the version that was made with it, and is answered back as it was given', async () => {
  verifies('control:authorizer');
  await using fixture = await controlFixture();
  const full: AuthorizerConfiguration = {
    customJWTAuthorizer: {
      discoveryUrl,
      allowedAudience: ['api'],
      allowedClients: ['web'],
      allowedScopes: ['read', 'write'],
      advertisedScopeMapping: { write: 'api://agents/write' },
      customClaims: [
        rule('STRING', 'EQUALS', one),
        rule('STRING', 'CONTAINS', several),
        rule('STRING_ARRAY', 'CONTAINS', one),
        rule('STRING_ARRAY', 'CONTAINS_ANY', several),
      ],
    },
  };
  const { agentRuntimeId } = await fixture.operations.CreateAgentRuntime(
    { ...request({}), authorizerConfiguration: full },
    caller,
  );
  await fixture.settle();
  const show = async (agentRuntimeVersion: string) => {
    const shown = await fixture.operations.GetAgentRuntime({ agentRuntimeId, agentRuntimeVersion }, caller);
    return shown.authorizerConfiguration;
  };
  assert.deepEqual(JSON.parse(JSON.stringify(await show('1'))), full);
  // As every setting: an update that leaves it out makes a version without.
  await fixture.operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:v1') }, caller);
  assert.equal(await show('2'), undefined);
  assert.deepEqual(JSON.parse(JSON.stringify(await show('1'))), full);
});

test('what would let everybody in, or means nothing, is refused by its name', async () => {
  verifies('control:authorizer', 'auth:bearer-claims');
  await using fixture = await controlFixture({
    issuerProblem: (url) => (url.startsWith('http:') ? 'It is not https://.' : undefined),
  });
  const allowedClients = ['web'];
  const lattice = {
    selfManagedLatticeResource: { resourceConfigurationIdentifier: 'rcfg-0123456789abcdefg' },
  };
  const cases: [member: string, Partial<CustomJWTAuthorizerConfiguration>][] = [
    ['', {}],
    ['.discoveryUrl', { allowedClients, discoveryUrl: discoveryUrl.replace('https', 'http') }],
    ['.advertisedScopeMapping', { allowedClients, advertisedScopeMapping: { read: 'x' } }],
    ['.privateEndpoint', { allowedClients, privateEndpoint: lattice }],
    [
      '.privateEndpointOverrides',
      { allowedClients, privateEndpointOverrides: [{ domain: 'a.example', privateEndpoint: lattice }] },
    ],
    ['.allowedWorkloadConfiguration', { allowedClients, allowedWorkloadConfiguration: {} }],
    ['.customClaims.0', { customClaims: [rule('STRING', 'EQUALS', several)] }],
    ['.customClaims.0', { customClaims: [rule('STRING', 'CONTAINS', one)] }],
    ['.customClaims.0', { customClaims: [rule('STRING', 'CONTAINS_ANY', several)] }],
    [
      '.customClaims.1',
      { customClaims: [rule('STRING', 'EQUALS', one), rule('STRING_ARRAY', 'EQUALS', one)] },
    ],
    ['.customClaims.0', { customClaims: [rule('STRING_ARRAY', 'CONTAINS', several)] }],
    ['.customClaims.0', { customClaims: [rule('STRING_ARRAY', 'CONTAINS_ANY', one)] }],
  ];
  for (const [member, authorizer] of cases) {
    await assert.rejects(
      fixture.operations.CreateAgentRuntime(request(authorizer), caller),
      (error: unknown) => {
        assert.ok(error instanceof BerthError && error.code === 'validation', String(error));
        const names = error.fields.map(({ name }) => name);
        assert.deepEqual(names, [`authorizerConfiguration.customJWTAuthorizer${member}`]);
        return true;
      },
    );
  }
  assert.deepEqual((await fixture.operations.ListAgentRuntimes({}, caller)).agentRuntimes, []);
});

test('Authorization may be allow-listed with an authorizer only', async () => {
  verifies('control:header-allowlist');
  await using fixture = await controlFixture();
  const requestHeaderConfiguration = { requestHeaderAllowlist: ['Authorization'] };
  const withAuthorizer = { ...request({ allowedClients: ['web'] }), requestHeaderConfiguration };
  const created = await fixture.operations.CreateAgentRuntime(withAuthorizer, caller);
  const shown = await fixture.operations.GetAgentRuntime({ agentRuntimeId: created.agentRuntimeId }, caller);
  assert.deepEqual(shown.requestHeaderConfiguration, requestHeaderConfiguration);
  const { authorizerConfiguration: _, ...without } = withAuthorizer;
  await assert.rejects(
    fixture.operations.CreateAgentRuntime({ ...without, agentRuntimeName: 'two' }, caller),
    failure('validation', /Authorization cannot be passed.*customJWTAuthorizer/),
  );
});
