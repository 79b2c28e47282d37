import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type Clock, sleep } from '../shared/clock.ts';

/**
 * Ends the output of a program that is over. What it left in the background may hold the stream open for ever: it ends when
 * nothing came for a while and nothing waits to be read.
 */
export async function endWhenQuiet(output: Socket, clock: Clock): Promise<void> {
  for (let seen = -1; !output.destroyed && !output.readableEnded;) {
    // A socket reads ahead by itself, also while its reader waits for the next chunk.
    const isQuiet = output.bytesRead === seen && output.readableLength === 0;
    if (isQuiet) {
      output.push(null);
      return;
    }
    seen = output.bytesRead;
    await sleep(clock, quietMs);
    // In a busy process timers come before what has long been there to be read.
    await setImmediate();
  }
}

const quietMs = 500;
