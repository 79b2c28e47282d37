import { BerthError } from '../../shared/errors.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';
import { legalName } from '../deploy/legal-name.ts';
import { ApiError } from './api-error.ts';
import type { RuntimesApi } from './runtimes-api.ts';

/** A runtime as the user named it; `name` is undefined when only its id was given and nothing was asked of the server. */
export interface FoundRuntime {
  readonly id: string;
  readonly arn: string;
  /** The endpoint that an endpoint's ARN names. */
  readonly endpoint: string | undefined;
}

interface Parts {
  readonly runtimes: Pick<RuntimesApi, 'get' | 'list'>;
  readonly credentials: Pick<ServerCredentials, 'region' | 'accountId'>;
}

const idPattern = /^[a-zA-Z][a-zA-Z0-9_]{0,99}-[a-zA-Z0-9]{10}$/;
const arnPattern =
  /^(arn:[^:]+:bedrock-agentcore:[^:]+:\d{12}:runtime\/([^/]+))(?:\/runtime-endpoint\/([^/]+))?$/;

/** Takes a name, an id or an ARN. A name is made legal as `berth deploy` makes it, so that `hello-node` finds `hello_node`. */
export async function findRuntime(
  reference: string,
  { runtimes, credentials }: Parts,
): Promise<FoundRuntime> {
  const [, arn, arnId, endpoint] = arnPattern.exec(reference) ?? [];
  if (arn !== undefined && arnId !== undefined) return { id: arnId, arn, endpoint };
  if (reference.startsWith('arn:')) {
    throw new CliError(`'${reference}' is not the ARN of a runtime.`, { exitCode: exitCodes.usage });
  }
  const known = await runtimes.list().catch((error: unknown) => {
    // A key with the role 'invoker' may not list; with an id it can call all the same.
    if (error instanceof ApiError && error.status === 403 && error.type.startsWith('AccessDenied'))
      return undefined;
    throw error;
  });
  if (known === undefined) {
    if (idPattern.test(reference))
      return { id: reference, arn: arnOf(reference, credentials), endpoint: undefined };
    throw new CliError(`This access key may not look up the runtime '${reference}' by name.`, {
      exitCode: exitCodes.denied,
      advice:
        "Give its id or ARN, as 'berth runtimes list' shows them to a key with the role 'admin' or 'deployer'.",
    });
  }
  const names = new Set([reference, tryLegalName(reference)]);
  const found =
    known.find((runtime) => runtime.agentRuntimeId === reference) ??
    known.find((runtime) => names.has(runtime.agentRuntimeName));
  if (found !== undefined)
    return { id: found.agentRuntimeId, arn: found.agentRuntimeArn, endpoint: undefined };
  const others = known.map((runtime) => runtime.agentRuntimeName).toSorted();
  throw new CliError(`There is no runtime '${reference}'.`, {
    advice:
      others.length === 0
        ? "None is deployed yet: 'berth deploy IMAGE' makes one."
        : `There are: ${others.slice(0, 20).join(', ')}${others.length > 20 ? ', ...' : ''}.`,
  });
}

function arnOf(id: string, { region, accountId }: Parts['credentials']): string {
  return `arn:aws:bedrock-agentcore:${region}:${accountId}:runtime/${id}`;
}

function tryLegalName(text: string): string | undefined {
  try {
    return legalName(text);
  } catch (error) {
    if (error instanceof BerthError || error instanceof CliError) return undefined;
    throw error;
  }
}
