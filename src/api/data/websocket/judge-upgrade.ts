import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { RequestHead } from '../../../auth/authenticator.ts';
import type { Authorize } from '../../../auth/authorize.ts';
import type { Principal } from '../../../auth/principal.ts';
import type { AgentTokens, OnBehalf } from '../../../identity/tokens/agent-tokens.ts';
import type { RuntimeVersion } from '../../../runtimes/runtime.ts';
import { runtimeArn } from '../../../runtimes/arns.ts';
import { authorizeUser, type CallUserParts, findCallUser } from '../call-user.ts';
import { callContextOf } from '../call-context.ts';
import type { UpgradeOperation } from '../data-route.ts';
import type { DataCall } from '../data-call.ts';
import type { Exchange } from '../exchange.ts';
import { type InvokeHeaders, readInvokeHeaders } from '../invoke-headers.ts';
import type { RuntimeAddress } from '../runtime-address.ts';
import { bearerSubprotocol, readBearerSubprotocol } from './bearer-subprotocol.ts';
import { type Handshake, readHandshake } from './handshake.ts';
import { originOf } from '../../base-url.ts';
import { withQueryHeaders } from './query-headers.ts';

export interface JudgeUpgradeParts extends CallUserParts {
  readonly authorize: Authorize;
  readonly agentTokens: Pick<AgentTokens, 'handOut' | 'receive'>;
  /** Counts the request against the account's rate; throws `throttled`. */
  readonly takeRequest: (principal: Principal) => void;
}

/** What a request for a WebSocket asks for; it is allowed, and its form is in order. */
export interface UpgradeWish {
  readonly principal: Principal;
  readonly address: RuntimeAddress;
  /** Of the endpoint's version now; a live session may be on another one. */
  readonly version: RuntimeVersion;
  readonly handshake: Handshake;
  readonly headers: InvokeHeaders;
  readonly onBehalf: OnBehalf | undefined;
  /** All the caller's, those from the query and a token from the sub-protocols included. */
  readonly callerHeaders: IncomingHttpHeaders;
  /** What the 101 must name in Sec-WebSocket-Protocol. */
  readonly subprotocol: string | undefined;
}

/** The permission to name a user in a header (contract 1.7). */
const userActions: Readonly<Record<UpgradeOperation, string>> = {
  InvokeAgentRuntimeCommandShell: 'InvokeAgentRuntimeForUser',
  InvokeAgentRuntimeWithWebSocketStream: 'InvokeAgentRuntimeWithWebSocketStreamForUser',
};

const emptySha256 = createHash('sha256').digest('hex');

/** The head that proves the caller: a token among the sub-protocols counts as an Authorization header. */
export function headOfUpgrade(request: IncomingMessage, requestId: string): RequestHead {
  const { method = '', url: rawUrl = '', headers, rawHeaders } = request;
  const token = readBearerSubprotocol(request);
  const origin = () => originOf(request);
  const common = { method, rawUrl, origin, connection: request.socket, requestId };
  if (token === undefined) return { ...common, headers, rawHeaders };
  const authorization = `Bearer ${token}`;
  return {
    ...common,
    headers: { ...headers, authorization },
    rawHeaders: [...rawHeaders, 'Authorization', authorization],
  };
}

/** Whether the caller is who it says and may do this. Rejects with what to refuse it for; nothing has been started then. */
export async function judgeUpgrade(
  parts: JudgeUpgradeParts,
  exchange: Exchange,
  call: DataCall,
  { head, action }: { readonly head: RequestHead; readonly action: UpgradeOperation },
): Promise<UpgradeWish> {
  const { authorize, takeRequest } = parts;
  const { pending, route } = call;
  const principal = pending.isBodySigned ? pending.verifyBody(emptySha256) : pending.principal;
  exchange.principal = principal;
  const address = call.address();
  const { scope, runtimeId } = address;
  exchange.runtimeId = runtimeId;
  const handshake = readHandshake(exchange.request);
  const callerHeaders = withQueryHeaders(head.headers, route.rawQuery);
  const headers = readInvokeHeaders({ headers: callerHeaders });
  const arn = runtimeArn(scope, runtimeId);
  const access = callContextOf(exchange, address);
  await authorize(principal, action, arn, access);
  const forUser = { action: userActions[action], arn, access };
  await authorizeUser(authorize, principal, headers, forUser);
  takeRequest(principal);
  const { version } = call.target();
  const isTokenOffered = exchange.request.headers['sec-websocket-protocol'] !== undefined;
  return {
    principal,
    address,
    version,
    handshake,
    headers,
    onBehalf: await findCallUser(parts, principal, headers, forUser),
    callerHeaders,
    subprotocol: isTokenOffered ? bearerSubprotocol : undefined,
  };
}
