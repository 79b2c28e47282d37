export type Labels = Readonly<Record<string, string>>;

/** A metric and what it says now. */
export type MetricFamily = { readonly name: string; readonly help: string } & (
  | { readonly type: 'counter' | 'gauge'; readonly points: readonly Point[] }
  | {
      readonly type: 'histogram';
      readonly bounds: readonly number[];
      readonly points: readonly Distribution[];
    }
);

interface Point {
  readonly labels: Labels;
  readonly value: number;
}

export interface Distribution {
  readonly labels: Labels;
  /** Values in each bucket, not added up; the last one is for what is above all bounds. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}
