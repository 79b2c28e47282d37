import { callerId } from '../../../auth/principal.ts';
import { requestIdHeader, sessionIdHeader, traceIdHeader } from '../../../invocations/header-names.ts';
import type { Shell } from '../../../invocations/shells/shell.ts';
import type { Shells } from '../../../invocations/shells/shells.ts';
import type { SessionAliases } from '../../../sessions/session-aliases.ts';
import type { SessionRegistry } from '../../../sessions/session-registry.ts';
import type { Clock } from '../../../shared/clock.ts';
import { BerthError } from '../../../shared/errors.ts';
import type { RandomSource, SessionId } from '../../../shared/ids.ts';
import { newRequestId } from '../../request-id.ts';
import type { Upgrade } from '../../upgrade.ts';
import { auditOthers, claimSession, type ClaimSessionParts } from '../claim-session.ts';
import type { Exchange } from '../exchange.ts';
import { traceIdOf } from '../relay-call.ts';
import type { UpgradeWish } from './judge-upgrade.ts';
import type { OpenWebSocketEvents } from './open-websocket.ts';
import { acceptShell, ShellSocket } from './shell-socket.ts';

export interface OpenShellParts extends ClaimSessionParts {
  readonly sessions: Pick<SessionRegistry, 'acquire' | 'endpointOf'>;
  readonly aliases: Pick<SessionAliases, 'find'>;
  readonly shells: Pick<Shells, 'claim'>;
  readonly events: OpenWebSocketEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
}

const shellIdHeader = 'x-amzn-bedrock-agentcore-shell-id';
const shellIdForm = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$/;

/**
 * InvokeAgentRuntimeCommandShell: a shell in the session's sandbox, new or found by its id. The session is not idle while the
 * connection is open. Rejects with what to refuse the caller for; resolves when the connection is over.
 */
export async function openShell(
  parts: OpenShellParts,
  exchange: Exchange,
  upgrade: Upgrade,
  wish: UpgradeWish,
): Promise<void> {
  const { sessions, aliases, shells, random } = parts;
  const { signal } = exchange;
  const { address, headers } = wish;
  const shellId = readShellId(upgrade.request.url) ?? newRequestId(random);
  const seenId = headers.sessionId ?? (newRequestId(random) as SessionId);
  const alias = await aliases.find(address.runtimeId, seenId);
  const sessionId = alias?.sessionId ?? seenId;
  exchange.sessionId = sessionId;
  await claimSession(parts, exchange, {
    ...{ address, sessionId },
    onBehalf: wish.onBehalf,
    action: 'InvokeAgentRuntimeCommandShell',
  });
  const lease = await sessions.acquire({ ...address, sessionId, signal });
  try {
    const claim = { lease, shellId, callerId: callerId(wish.principal), signal };
    const shell = await shells.claim(claim).catch((error: unknown) => {
      if (error instanceof BerthError && error.code === 'access-denied')
        auditOthers(parts, exchange, { address }, error.message);
      throw error;
    });
    await serve(parts, exchange, { upgrade, wish, shell, seenId, activity: () => lease.activity() });
  } finally {
    lease.release();
  }
}

interface ServedShell {
  readonly upgrade: Upgrade;
  readonly wish: UpgradeWish;
  readonly shell: Shell;
  /** As the caller knows the session. */
  readonly seenId: string;
  readonly activity: () => void;
}

async function serve(
  { events, clock }: OpenShellParts,
  exchange: Exchange,
  { upgrade, wish, shell, seenId, activity }: ServedShell,
): Promise<void> {
  const { requestId, startedAtMs, signal } = exchange;
  signal.throwIfAborted();
  const headers = {
    [sessionIdHeader]: seenId,
    [shellIdHeader]: shell.id,
    [requestIdHeader]: requestId,
    'x-amzn-requestid': requestId,
    [traceIdHeader]: traceIdOf(wish.headers, exchange),
  };
  const accepted = await acceptShell(upgrade, wish, headers, (socket) => {
    const client: ShellSocket = new ShellSocket({
      socket,
      draining: upgrade.draining,
      clock,
      onFrame(frame) {
        activity();
        shell.receive(client, frame);
      },
    });
    events.webSocketOpened();
    return { client, left: shell.attach(client) };
  });
  if (accepted === undefined) return;
  await accepted.left;
  events.webSocketClosed({
    requestId,
    runtimeId: wish.address.runtimeId,
    sessionId: exchange.sessionId ?? seenId,
    caller: callerId(wish.principal),
    status: 101,
    durationMs: clock.now() - startedAtMs,
    ...(await accepted.client.end),
  });
}

/** Undefined when the caller chose none. AWS answers 424 to a bad one. */
function readShellId(url = ''): string | undefined {
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const [shellId, other] = new URLSearchParams(query).getAll('shellId');
  if (shellId === undefined) return undefined;
  if (other === undefined && shellIdForm.test(shellId)) return shellId;
  throw new BerthError(
    'runtime-client-error',
    'shellId must be 1 to 128 letters, digits, hyphens and underscores, begin with a letter or digit, and be there once.',
  );
}
