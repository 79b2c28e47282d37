import { z } from 'zod';

const commandEvent = z.object({
  contentDelta: z.object({ stdout: z.string().optional(), stderr: z.string().optional() }).optional(),
  contentStop: z.object({ exitCode: z.int(), status: z.enum(['COMPLETED', 'TIMED_OUT']) }).optional(),
});

/** One event of InvokeAgentRuntimeCommand's stream. */
export type CommandEvent = z.infer<typeof commandEvent>;

export function parseCommandEvent(content: unknown): CommandEvent {
  return commandEvent.parse(content);
}

/** The exception that ends a stream; the stream names it with a small first letter. */
export function parseException(type: string, content: unknown): { type: string; message: string } {
  const { message } = z
    .object({ message: z.string() })
    .catch({ message: 'It has no message.' })
    .parse(content);
  return { type: type.charAt(0).toUpperCase() + type.slice(1), message };
}
