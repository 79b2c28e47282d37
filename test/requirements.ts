import { agentCredentials } from './requirements/agent-credentials.ts';
import { auth } from './requirements/auth.ts';
import { bursts } from './requirements/bursts.ts';
import { cli } from './requirements/cli.ts';
import { commands } from './requirements/commands.ts';
import { control } from './requirements/control.ts';
import { doctor } from './requirements/doctor.ts';
import { engine } from './requirements/engine.ts';
import { identityErrors } from './requirements/identity-errors.ts';
import { freeze } from './requirements/freeze.ts';
import { hibernation } from './requirements/hibernation.ts';
import { providers } from './requirements/providers.ts';
import { vault } from './requirements/vault.ts';
import { roles } from './requirements/roles.ts';
import { authorisation } from './requirements/authorisation.ts';
import { oauth } from './requirements/oauth.ts';
import { images } from './requirements/images.ts';
import { imageStore } from './requirements/image-store.ts';
import { invocations } from './requirements/invocations.ts';
import { networkPolicy } from './requirements/network-policy.ts';
import { isolation } from './requirements/isolation.ts';
import { protocols } from './requirements/protocols.ts';
import { sandboxOptions } from './requirements/sandbox-options.ts';
import { restart } from './requirements/restart.ts';
import { sandboxes } from './requirements/sandboxes.ts';
import { secrets } from './requirements/secrets.ts';
import { server } from './requirements/server.ts';
import { sessionStorage } from './requirements/session-storage.ts';
import { sessions } from './requirements/sessions.ts';
import { setup } from './requirements/setup.ts';
import { telemetry } from './requirements/telemetry.ts';
import { tls } from './requirements/tls.ts';
import { warmPool } from './requirements/warm-pool.ts';
import { workloadTokens } from './requirements/workload-tokens.ts';
import { websockets } from './requirements/websockets.ts';
import { wire } from './requirements/wire.ts';

/**
 * Everything Berth promises: id, sentence and where the promise comes from. Tests cite the ids; a test checks that none is uncited.
 * Sources that are not in the repository are notes of the project: its issues by name, `contract` and `labs` (AWS's behaviour, from
 * its documentation and as observed), `design.md`, `style` and `engine.md` (how Berth was planned).
 */
export const requirements = {
  ...agentCredentials,
  ...auth,
  ...bursts,
  ...cli,
  ...commands,
  ...control,
  ...doctor,
  ...engine,
  ...freeze,
  ...hibernation,
  ...providers,
  ...identityErrors,
  ...vault,
  ...workloadTokens,
  ...roles,
  ...authorisation,
  ...oauth,
  ...images,
  ...imageStore,
  ...invocations,
  ...networkPolicy,
  ...isolation,
  ...protocols,
  ...sandboxOptions,
  ...restart,
  ...sandboxes,
  ...secrets,
  ...server,
  ...sessionStorage,
  ...sessions,
  ...setup,
  ...telemetry,
  ...tls,
  ...warmPool,
  ...websockets,
  ...wire,
};

export type RequirementId = keyof typeof requirements;

/** Names the promises that a test keeps. */
export function verifies(..._ids: [RequirementId, ...RequirementId[]]): void {}
