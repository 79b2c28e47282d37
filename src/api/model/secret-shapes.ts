import type { Plane, Shape } from './service-model.ts';

/** Shapes that hold secrets although the service model does not say so: whoever knows a consent's session may complete it. */
const unmarked: Readonly<Record<Plane, readonly string[]>> = { control: [], data: ['RequestUri'] };

/** The shapes of a service, those of secrets marked as sensitive: errors do not repeat their values. */
export function markSecrets(
  plane: Plane,
  shapes: Readonly<Record<string, Shape>>,
): Readonly<Record<string, Shape>> {
  const marked: Record<string, Shape> = { ...shapes };
  for (const name of unmarked[plane]) {
    const shape = marked[name];
    if (shape === undefined) throw new Error(`The shape ${name} is not in the ${plane} model`);
    marked[name] = { ...shape, sensitive: true };
  }
  return marked;
}
