import type { ArtifactPreparation, PreparationOptions } from '../../../runtimes/artifact-preparation.ts';

type Answer = { readonly manifest: string } | Error;

/** Prepares what a test says, when it says so; any other image at once. */
export class FakePreparation implements ArtifactPreparation {
  readonly prepared: string[] = [];
  readonly restored: string[] = [];
  readonly forgotten: string[] = [];
  restoreFailure: Error | undefined;
  readonly #answers = new Map<string, Answer[]>();
  readonly #held = new Map<string, PromiseWithResolvers<void>>();

  /** What the next preparations of `uri` come to, one after the other; the last one stays. */
  answer(uri: string, ...answers: Answer[]): void {
    this.#answers.set(uri, answers);
  }

  /** Preparations of `uri` wait until `release`, or until they are aborted. */
  hold(uri: string): void {
    this.#held.set(uri, Promise.withResolvers());
  }

  release(uri: string): void {
    this.#held.get(uri)?.resolve();
    this.#held.delete(uri);
  }

  async prepare(uri: string, { signal, onProgress }: PreparationOptions): Promise<{ manifest: string }> {
    this.prepared.push(uri);
    onProgress({ phase: 'pulling', done: 1, total: 2 });
    signal.throwIfAborted();
    const held = this.#held.get(uri);
    if (held !== undefined) {
      signal.addEventListener('abort', () => held.reject(signal.reason), { once: true });
      await held.promise;
    }
    const answers = this.#answers.get(uri) ?? [{ manifest: `sha256:of-${uri}` }];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer');
    return answer;
  }

  async restore(manifest: string): Promise<void> {
    this.restored.push(manifest);
    if (this.restoreFailure !== undefined) throw this.restoreFailure;
  }

  async forget(manifest: string): Promise<void> {
    this.forgotten.push(manifest);
  }
}
