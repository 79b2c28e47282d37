import type { SessionEndReason } from './session.ts';

/** What callers are told of a session that has ended. */
export const endSentences: Readonly<Record<SessionEndReason, string>> = {
  stopped: 'The session was stopped.',
  idle: 'The session was idle for too long and ended.',
  'max-lifetime': 'The session reached its maximum lifetime and ended.',
  crashed: "The agent's process exited.",
  'out-of-memory': 'The agent ran out of memory.',
  unhealthy: 'The agent did not answer its health checks and was ended.',
  'disk-pressure': "The host ran out of disk space, and the session's files took the most of it.",
  'failed-to-start': 'The agent did not start.',
  'failed-to-wake': "The session's memory could not be brought back.",
  'hibernation-over': 'The session was hibernated for as long as its runtime keeps sessions.',
  'runtime-deleted': 'The runtime was deleted.',
  reboot: 'The machine was restarted.',
  lost: "The session's sandbox is gone.",
};
