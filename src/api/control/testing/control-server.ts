import type { TestContext } from 'node:test';
import type { KeyRole } from '../../../auth/principal.ts';
import type { OperationRates } from '../../operation-rates.ts';
import { controlFixture, type FixtureOptions } from './control-fixture.ts';
import { servedControlPlane } from './served-control-plane.ts';

/** The operations of a control fixture on a port of its own, and the AWS SDK to call them with, until the test is over. */
export async function startControlServer(
  context: TestContext,
  { rates, ...options }: FixtureOptions & { readonly rates?: Partial<OperationRates> } = {},
) {
  const fixture = await controlFixture(options);
  const served = await servedControlPlane(fixture.operations, {
    database: fixture.database,
    ...(rates !== undefined && { rates }),
  });
  context.after(async () => {
    await served[Symbol.asyncDispose]();
    await fixture[Symbol.asyncDispose]();
  });
  const client = (role: KeyRole = 'admin') => served.control(role === 'invoker' ? 'invoke' : 'admin');
  return { ...fixture, client, endpoint: served.endpoint, unexpected: served.unexpected };
}
