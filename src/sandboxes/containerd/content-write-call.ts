import { status } from '@grpc/grpc-js';
import type { StatusObject } from '@grpc/grpc-js';
import type { ContentApi, WriteRequest, WriteResponse } from './api/content-api.ts';
import { type EngineError, toEngineError } from './api/engine-error.ts';

/** One open write stream: a question, an answer, and so on, which is all the back-pressure there need be. */
export interface ContentWriteCall {
  /** Where the upload stood when it was opened. */
  readonly offset: number;
  send(request: WriteRequest): Promise<WriteResponse>;
  /** Ends the stream and waits until containerd has let go of the reference. Idempotent. */
  close(): Promise<void>;
}

/** Rejects with `unavailable` and "locked" while another stream has the reference. */
export async function openWriteCall(content: ContentApi, ref: string): Promise<ContentWriteCall> {
  const stream = content.write();
  const answers: WriteResponse[] = [];
  let failure: EngineError | undefined;
  let isOver = false;
  let waiting: (() => void) | undefined;
  const wake = () => waiting?.();

  stream.on('data', (answer: WriteResponse) => {
    answers.push(answer);
    wake();
  });
  // The status says the same, and comes for success too.
  stream.on('error', () => {});
  stream.on('status', (end: StatusObject) => {
    if (end.code !== status.OK) failure = toEngineError(content.writePath, end.code, end.details);
  });
  // After the last answer.
  stream.on('end', () => {
    isOver = true;
    wake();
  });

  async function send(request: WriteRequest): Promise<WriteResponse> {
    if (!isOver) stream.write(request);
    while (answers.length === 0 && !isOver) await changed();
    const answer = answers.shift();
    if (answer !== undefined) return answer;
    throw failure ?? toEngineError(content.writePath, status.UNAVAILABLE, 'the stream ended early');
  }

  function changed(): Promise<void> {
    return new Promise((resolve) => {
      waiting = resolve;
    });
  }

  async function close(): Promise<void> {
    stream.end();
    while (!isOver) await changed();
  }

  const { offset } = await send({ action: 'STAT', ref });
  return { offset, send, close };
}
