import type { CompleteConsent } from '../../../identity/oauth/complete-consent.ts';
import type { Operation } from '../../operation.ts';

export function completeResourceTokenAuth({
  completeConsent,
}: {
  readonly completeConsent: CompleteConsent;
}) {
  const operation: Operation<'CompleteResourceTokenAuth'> = async (input, { principal }) => {
    const { userToken, userId } = input.userIdentifier;
    await completeConsent(principal, input.sessionUri, userToken === undefined ? { userId } : { userToken });
    return {};
  };
  return operation;
}
