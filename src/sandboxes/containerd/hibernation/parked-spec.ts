import { z } from 'zod';
import { BerthError } from '../../../shared/errors.ts';
import type { EgressPolicy } from '../../egress-policy.ts';
import { egressAnnotation } from '../oci/oci-spec.ts';

/** What the OCI spec of a sandbox says that is needed to bring it back. */
export interface ParkedSpec {
  readonly memoryBytes: number;
  /** Of the host's processes and threads, gVisor's own included. */
  readonly tasks: number;
  readonly egress: EgressPolicy;
  /** The same spec in another network namespace. */
  inNamespace(path: string): object;
}

/** Throws `internal` for a spec that is not one of this server's. */
export function parkedSpec(spec: unknown): ParkedSpec {
  const parsed = specSchema.safeParse(spec);
  if (!parsed.success)
    throw new BerthError('internal', "A sandbox's spec cannot be read.", { cause: parsed.error });
  const { linux, annotations } = parsed.data;
  return {
    memoryBytes: linux.resources.memory.limit,
    tasks: linux.resources.pids.limit,
    // Written by this server, from a policy that it had checked.
    egress: JSON.parse(annotations[egressAnnotation]) as EgressPolicy,
    inNamespace: (path) => ({
      ...withoutEmptyLists(parsed.data),
      linux: {
        ...withoutEmptyLists(linux),
        namespaces: linux.namespaces.map((one) => (one.type === 'network' ? { ...one, path } : one)),
      },
    }),
  };
}

/** gVisor compares the spec with that of the checkpoint, in which empty lists are none. */
function withoutEmptyLists<Value extends object>(value: Value): Value {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) =>
      Array.isArray(part) && part.length === 0 ? undefined : part,
    ),
  ) as Value;
}

const specSchema = z.looseObject({
  annotations: z.looseObject({ [egressAnnotation]: z.string() }),
  linux: z.looseObject({
    resources: z.looseObject({
      memory: z.looseObject({ limit: z.number() }),
      pids: z.looseObject({ limit: z.number() }),
    }),
    namespaces: z.array(z.looseObject({ type: z.string() })),
  }),
});
