import { auth } from './requirements/auth.ts';
import { cli } from './requirements/cli.ts';
import { commands } from './requirements/commands.ts';
import { control } from './requirements/control.ts';
import { images } from './requirements/images.ts';
import { invocations } from './requirements/invocations.ts';
import { protocols } from './requirements/protocols.ts';
import { sandboxes } from './requirements/sandboxes.ts';
import { server } from './requirements/server.ts';
import { sessions } from './requirements/sessions.ts';
import { setup } from './requirements/setup.ts';
import { telemetry } from './requirements/telemetry.ts';
import { tls } from './requirements/tls.ts';
import { websockets } from './requirements/websockets.ts';
import { wire } from './requirements/wire.ts';

/** Everything Berth promises: id, sentence and where the promise comes from. Tests cite the ids; a test checks that none is uncited. */
export const requirements = {
  ...auth,
  ...cli,
  ...commands,
  ...control,
  ...images,
  ...invocations,
  ...protocols,
  ...sandboxes,
  ...server,
  ...sessions,
  ...setup,
  ...telemetry,
  ...tls,
  ...websockets,
  ...wire,
};

export type RequirementId = keyof typeof requirements;

/** Names the promises that a test keeps. */
export function verifies(..._ids: [RequirementId, ...RequirementId[]]): void {}
