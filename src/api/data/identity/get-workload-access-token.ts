import { sessionOfBearer } from '../../../identity/tokens/shown-claims.ts';
import type { WorkloadTokens } from '../../../identity/tokens/workload-token.ts';
import type { Operation } from '../../operation.ts';

export function getWorkloadAccessToken({
  workloadTokens,
}: {
  readonly workloadTokens: Pick<WorkloadTokens, 'issue'>;
}) {
  const operation: Operation<'GetWorkloadAccessToken'> = async (input, { principal }) => {
    const { accountId, region } = principal;
    const claims = {
      accountId,
      region,
      workload: input.workloadName,
      user: undefined,
      session: sessionOfBearer(principal),
    };
    return { workloadAccessToken: await workloadTokens.issue(claims) };
  };
  return operation;
}
