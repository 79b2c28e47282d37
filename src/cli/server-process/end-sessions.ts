import type { Connection } from '../client/connect.ts';
import { ApiError } from '../client/api-error.ts';

const atOnce = 8;

/** Stops every live session of the server, and ends the sandboxes that have none yet; returns how many sessions there were. */
export async function endSessions({ admin }: Pick<Connection, 'admin'>): Promise<number> {
  await admin.closePools();
  const live = await admin.sessions({});
  const rest = [...live];
  const work = async () => {
    for (let session = rest.pop(); session !== undefined; session = rest.pop()) {
      await admin.stopSession(session.runtimeId, session.id).catch((error: unknown) => {
        // It ended by itself meanwhile.
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return live.length;
}
