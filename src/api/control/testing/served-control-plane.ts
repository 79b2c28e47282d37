import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { fastify } from 'fastify';
import type { Authenticator } from '../../../auth/authenticator.ts';
import { FakeAudit } from '../../../auth/testing/fake-audit.ts';
import { testAuthorizer } from '../../../auth/testing/test-authorizer.ts';
import type { KeyPrincipal } from '../../../auth/principal.ts';
import { systemClock } from '../../../shared/clock.ts';
import { BerthError } from '../../../shared/errors.ts';
import { systemRandom } from '../../../shared/ids.ts';
import type { OpenDatabase } from '../../../storage/database.ts';
import { IdempotencyStore } from '../../../storage/idempotency-store.ts';
import { ControlPlane } from '../../control-plane.ts';
import { Idempotency } from '../../idempotency.ts';
import { loadServiceOperations } from '../../model/service-operation.ts';
import type { OperationRates } from '../../operation-rates.ts';
import type { Operations } from '../../operation.ts';
import { RateLimits } from '../../rate-limits.ts';
import { refuseBadUrls, registerControlPlane } from '../../register-control-plane.ts';
import { ratesOf } from '../../testing/rates.ts';
import { caller } from './control-fixture.ts';

/** Believes the access key that the caller names: `invoke` has that role, any other is an admin's. */
const authenticator: Authenticator = {
  async begin({ headers }) {
    const accessKeyId = /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1];
    if (accessKeyId === undefined) throw new BerthError('missing-authentication', 'Sign the request.');
    const role = accessKeyId === 'invoke' ? 'invoker' : 'admin';
    const { accountId, region } = caller.principal;
    const principal: KeyPrincipal = { kind: 'access-key', accountId, region, accessKeyId, role };
    return { claimedBodySha256: undefined, isBodySigned: true, principal, verifyBody: () => principal };
  },
};

/** Serves operations over HTTP, for the AWS SDKs, without limits of rates but for those given. */
export async function servedControlPlane(
  operations: Operations,
  { database, rates }: { readonly database: OpenDatabase; readonly rates?: Partial<OperationRates> },
) {
  const unexpected: unknown[] = [];
  const answered: unknown[] = [];
  const audit = new FakeAudit();
  const controlPlane = new ControlPlane({
    ...{
      operations,
      authenticator,
      authorize: testAuthorizer({ audit }),
      clock: systemClock,
      random: systemRandom,
    },
    model: loadServiceOperations(),
    idempotency: new Idempotency({ store: new IdempotencyStore({ database }), clock: systemClock }),
    rateLimits: new RateLimits({ clock: { ...systemClock, now: () => 0 } }),
    quotas: ratesOf(rates),
    events: {
      unexpected: (failure) => unexpected.push(failure),
      answered: (request) => answered.push(request),
    },
  });
  const app = fastify({ frameworkErrors: refuseBadUrls({ controlPlane, registry: controlPlane }) });
  registerControlPlane(app, controlPlane);
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const connection = (accessKeyId: string) => ({
    ...{ endpoint, region: 'us-east-1', maxAttempts: 1 },
    credentials: { accessKeyId, secretAccessKey: 'secret' },
  });
  return {
    endpoint,
    /** Requests that failed by a bug, what was logged of all, and what was decided about them. */
    ...{ unexpected, answered, audit },
    control: (accessKeyId = 'admin') => new BedrockAgentCoreControlClient(connection(accessKeyId)),
    data: (accessKeyId = 'admin') => new BedrockAgentCoreClient(connection(accessKeyId)),
    [Symbol.asyncDispose]: () => app.close(),
  };
}
