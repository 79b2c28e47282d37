import type { SigningPrincipal } from '../auth/principal.ts';
import type { OperationInputs, OperationName, OperationOutputs } from './model/generated/types.ts';

export interface OperationContext {
  readonly principal: SigningPrincipal;
  readonly requestId: string;
  /** The other end of the connection, for the audit log. */
  readonly sourceIp?: string | undefined;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
}

/** One operation of the service model: typed input in (validated against the model), typed output out. */
export type Operation<Name extends OperationName> = (
  input: OperationInputs[Name],
  context: OperationContext,
) => Promise<OperationOutputs[Name]>;

/** The operations that this server has built; any other of the model answers 501. */
export type Operations = { readonly [Name in OperationName]?: Operation<Name> };
