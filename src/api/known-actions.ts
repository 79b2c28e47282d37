import { actions, qualifiedAction } from '../auth/actions.ts';
import { loadServiceOperations } from './model/service-operation.ts';

/** Every action that a policy can name, with its service: the model's operations, those that only IAM knows, and Berth's own. */
export function knownActions(): readonly string[] {
  return [...new Set([...loadServiceOperations().map(({ name }) => name), ...actions.keys()])].map(
    qualifiedAction,
  );
}
