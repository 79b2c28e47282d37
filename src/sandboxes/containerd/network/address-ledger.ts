/** Which addresses are free. The one given back longest ago comes first, so that old connections find nobody. */
export interface AddressLedger {
  /** Undefined when every address is taken. */
  take(): number | undefined;
  /** Marks an address that is in use already. */
  occupy(index: number): void;
  giveBack(index: number): void;
  /** How many are free. */
  readonly free: number;
  /** Adds the numbers up to `last`, which come after those that are free already. */
  extend(last: number): void;
}

/** Numbers `first` to `last`; `start` is where to begin, so that a restart does not reuse the latest first. */
export function createAddressLedger(first: number, end: number, start: number): AddressLedger {
  let last = end;
  const count = last - first + 1;
  const free = new Set(Array.from({ length: count }, (_, i) => first + ((start + i) % count)));
  return {
    take() {
      const [index] = free;
      if (index !== undefined) free.delete(index);
      return index;
    },
    occupy: (index) => void free.delete(index),
    giveBack(index) {
      if (index >= first && index <= last) free.add(index);
    },
    get free() {
      return free.size;
    },
    extend(newLast) {
      while (last < newLast) free.add(++last);
    },
  };
}
