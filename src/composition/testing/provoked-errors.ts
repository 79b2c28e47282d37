import assert from 'node:assert/strict';
import { secretText } from '../../api/control/testing/provider-inputs.ts';
import { wireNames } from '../../api/errors.ts';
import type { Plane } from '../../api/model/service-model.ts';
import { loadServiceOperations } from '../../api/model/service-operation.ts';

/** Identity's operations that are built, as the service model has them. */
export const identityOperations = loadServiceOperations().filter(
  ({ name, uri }) => uri.startsWith('/identities/') && !isUnbuilt(name),
);

/** Payments, consent portals, and what follows the loss of a customer's key: other services' work, or none of Berth's. */
export function isUnbuilt(operation: string): boolean {
  return /Payment|ConsentPortal|^ResetTokenVaultKeyMaterial$/.test(operation);
}

/** Which errors that the service model lists for which operation of a plane were seen. */
export class ProvokedErrors {
  readonly #operations;
  readonly #seen = new Set<string>();

  constructor(plane: Plane) {
    this.#operations = identityOperations.filter((operation) => operation.plane === plane);
  }

  /** Requires that the call fails with this error, without the secret that tests send, that the operation's model lists it, and that its status is right. */
  async expect(error: string, operation: string, call: Promise<unknown>): Promise<void> {
    const what = `${operation}: ${error}`;
    const modelled = this.#operations.find(({ name }) => name === operation)?.errors ?? [];
    assert.ok(modelled.includes(error), `${what} is not in the model`);
    await assert.rejects(call, (thrown) => {
      assert.ok(thrown instanceof Error && '$metadata' in thrown, `${what}, not ${String(thrown)}`);
      assert.equal(thrown.name, error, `${what}, not ${thrown.name}: ${thrown.message}`);
      assert.equal(Object(thrown.$metadata).httpStatusCode, statusOf(error), what);
      assert.ok(thrown.message.length > 20, `${what} says what to do`);
      assert.ok(!thrown.message.includes(secretText), `${what} tells a secret`);
      return true;
    });
    this.#seen.add(what);
  }

  /** Each as `OPERATION: ERROR`. */
  get unseen(): readonly string[] {
    const listed = this.#operations.flatMap(({ name, errors }) => errors.map((error) => `${name}: ${error}`));
    return listed.filter((what) => !this.#seen.has(what)).toSorted();
  }
}

function statusOf(error: string): number | undefined {
  return Object.values(wireNames).find(({ name }) => name === error)?.status;
}
