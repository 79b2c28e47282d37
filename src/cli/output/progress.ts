import { systemClock, type Clock } from '../../shared/clock.ts';
import type { Output } from '../cli-context.ts';

/** What is being done right now: one line that changes on a terminal, a line for each new step elsewhere. */
export interface Progress extends AsyncDisposable {
  show(step: string): Promise<void>;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;

export function createProgress(output: Output, clock: Clock = systemClock): Progress {
  return output.isTTY ? spinner(output, clock) : plainLines(output);
}

/** Shows nothing, for `--json`. */
export const silentProgress: Progress = {
  async show() {},
  async [Symbol.asyncDispose]() {},
};

function plainLines(output: Output): Progress {
  let shown: string | undefined;
  return {
    async show(step) {
      // Counts that move would make a line each; the step without its numbers tells whether it is a new one.
      const kind = step.replace(/[\d.]+/g, '');
      if (kind !== shown) await output.write(`${step}\n`);
      shown = kind;
    },
    async [Symbol.asyncDispose]() {},
  };
}

function spinner(output: Output, clock: Clock): Progress {
  let frame = 0;
  let current: string | undefined;
  let cancel = () => {};
  const draw = () => {
    if (current === undefined) return;
    void output.write(`\r\u001b[2K${frames[frame % frames.length] ?? ''} ${current}`);
    frame += 1;
    cancel = clock.after(frameMs, draw);
  };
  return {
    async show(step) {
      current = step;
      cancel();
      draw();
    },
    async [Symbol.asyncDispose]() {
      cancel();
      if (current !== undefined) await output.write('\r\u001b[2K');
      current = undefined;
    },
  };
}
