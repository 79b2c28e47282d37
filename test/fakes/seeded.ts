/** Numbers from 0 up to 1 that are the same in each run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Whole numbers from 0 to below a bound that are the same in each run. */
export function seededWhole(seed: number): (below: number) => number {
  const next = seeded(seed);
  return (below) => Math.floor(next() * below);
}

/** How often to try, unless BERTH_FUZZ_ROUNDS makes it a long run. */
export function fuzzRounds(usually: number): number {
  return Number(process.env['BERTH_FUZZ_ROUNDS'] ?? usually);
}
