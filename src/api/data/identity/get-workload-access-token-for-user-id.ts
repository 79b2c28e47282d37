import { sessionOfBearer } from '../../../identity/tokens/shown-claims.ts';
import type { WorkloadTokens, WorkloadUser } from '../../../identity/tokens/workload-token.ts';
import type { Operation } from '../../operation.ts';

/** Whoever may call this may name anybody: it is a permission of its own. */
export function getWorkloadAccessTokenForUserId({
  workloadTokens,
}: {
  readonly workloadTokens: Pick<WorkloadTokens, 'issue'>;
}) {
  const operation: Operation<'GetWorkloadAccessTokenForUserId'> = async (input, { principal }) => {
    const { accountId, region } = principal;
    const user: WorkloadUser = { kind: 'named', userId: input.userId };
    const claims = {
      accountId,
      region,
      workload: input.workloadName,
      user,
      session: sessionOfBearer(principal),
    };
    return { workloadAccessToken: await workloadTokens.issue(claims) };
  };
  return operation;
}
