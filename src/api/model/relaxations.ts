import type { Plane, Shape } from './service-model.ts';

interface Relaxation {
  readonly plane: Plane;
  readonly shape: string;
  /** Bounds that no longer hold, or hold differently; `undefined` removes one. */
  readonly change: { readonly pattern?: string | undefined; readonly max?: number; readonly min?: number };
  readonly why: string;
}

/** Every place where Berth accepts more than the service model. docs/operations.md repeats it. */
export const relaxations: readonly Relaxation[] = [
  {
    plane: 'control',
    shape: 'RuntimeContainerUri',
    change: { pattern: '[^\\s\\p{C}]+' },
    why: 'An image may come from any registry, not only from ECR; the reference is checked by images/.',
  },
  {
    plane: 'control',
    shape: 'LifecycleConfigurationIdleRuntimeSessionTimeoutInteger',
    change: { min: 1 },
    why: "On a machine of one's own a session may end after seconds; tests and CI pipelines want that.",
  },
  {
    plane: 'control',
    shape: 'LifecycleConfigurationMaxLifetimeInteger',
    change: { min: 1 },
    why: 'As the idle time-out.',
  },
  {
    plane: 'control',
    shape: 'TaggableResourcesArn',
    change: {
      pattern: 'arn:[^:]*:[a-z-]+:[a-z0-9-]+:[0-9]{12}:([a-z-]+/[^/]+)(?:/[a-z0-9-]+/[^/]+)*',
    },
    why: 'Credential providers can be tagged: their ARNs are of the service `acps`, and `oauth2credentialprovider` has a digit.',
  },
];

/** The shapes of a service with its relaxations applied. */
export function relax(
  plane: Plane,
  shapes: Readonly<Record<string, Shape>>,
): Readonly<Record<string, Shape>> {
  const relaxed: Record<string, Shape> = { ...shapes };
  for (const { plane: where, shape, change } of relaxations) {
    const given = relaxed[shape];
    if (where !== plane) continue;
    if (given === undefined) throw new Error(`The relaxed shape ${shape} is not in the ${plane} model`);
    relaxed[shape] = { ...given, ...change } as Shape;
  }
  return relaxed;
}
