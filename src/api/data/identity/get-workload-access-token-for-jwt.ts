import type { SubjectTokens } from '../../../identity/oauth/subject-tokens.ts';
import { sessionOfBearer } from '../../../identity/tokens/shown-claims.ts';
import type { UserTokens, WorkloadTokens } from '../../../identity/tokens/workload-token.ts';
import type { Operation } from '../../operation.ts';

export function getWorkloadAccessTokenForJwt({
  workloadTokens,
  userTokens,
  subjectTokens,
}: {
  readonly workloadTokens: Pick<WorkloadTokens, 'issue'>;
  readonly userTokens: UserTokens;
  readonly subjectTokens: Pick<SubjectTokens, 'keep'>;
}) {
  const operation: Operation<'GetWorkloadAccessTokenForJWT'> = async (input, { principal }) => {
    const { accountId, region } = principal;
    const { workloadName: workload, userToken } = input;
    const user = await userTokens.verify(principal, workload, userToken);
    const claims = { accountId, region, workload, user, session: sessionOfBearer(principal) };
    const workloadAccessToken = await workloadTokens.issue(claims);
    // For token exchange, which the workload token is shown for.
    await subjectTokens.keep(claims, userToken);
    return { workloadAccessToken };
  };
  return operation;
}
