/** Numbers from 0 up to 1 that are the same in each run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** How often to try, unless BERTH_FUZZ_ROUNDS makes it a long run. */
export function fuzzRounds(usually: number): number {
  return Number(process.env['BERTH_FUZZ_ROUNDS'] ?? usually);
}
