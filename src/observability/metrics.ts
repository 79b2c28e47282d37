import type { Labels, MetricFamily } from './metric-family.ts';
import { renderMetrics } from './render-metrics.ts';

export interface Counter {
  add(labels?: Labels, amount?: number): void;
  /** Adds to one series, without looking for it every time. */
  series(labels: Labels): (amount: number) => void;
  /** Drops every series that has the label with this value. */
  forget(label: string, value: string): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
  /** Observes in one series, without looking for it every time. */
  series(labels: Labels): (value: number) => void;
  /** Drops every series that has the label with this value. */
  forget(label: string, value: string): void;
}

/** What `/metrics` shows and OTLP exports. Labels take few values: ids only where their number is bounded. */
export class Metrics {
  readonly #families: (() => MetricFamily)[] = [];

  /** Shown as 0 before the first `add` when it has no labels. */
  counter(name: string, help: string, initial: readonly Labels[] = [{}]): Counter {
    const values = new SeriesMap((labels) => ({ labels, value: 0 }));
    for (const labels of initial) values.at(labels);
    this.#families.push(() => ({ type: 'counter', name, help, points: values.all() }));
    return {
      add(labels = {}, amount = 1) {
        values.at(labels).value += amount;
      },
      series(labels) {
        const one = values.at(labels);
        return (amount) => (one.value += amount);
      },
      forget: (label, value) => values.forget(label, value),
    };
  }

  /** Asked whenever the metrics are read. */
  gauge(name: string, help: string, read: () => number): void {
    this.#families.push(() => ({ type: 'gauge', name, help, points: [{ labels: {}, value: read() }] }));
  }

  /** `bounds` are the upper edges of its buckets, rising. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const distributions = new SeriesMap((labels) => ({
      labels,
      counts: [...bounds, Number.POSITIVE_INFINITY].map(() => 0),
      count: 0,
      sum: 0,
    }));
    this.#families.push(() => ({ type: 'histogram', name, help, bounds, points: distributions.all() }));
    const observeIn = (one: ReturnType<typeof distributions.at>, value: number) => {
      const found = bounds.findIndex((bound) => value <= bound);
      const bucket = found < 0 ? bounds.length : found;
      one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
      one.count += 1;
      one.sum += value;
    };
    return {
      observe: (value, labels = {}) => observeIn(distributions.at(labels), value),
      series(labels) {
        const one = distributions.at(labels);
        return (value) => observeIn(one, value);
      },
      forget: (label, value) => distributions.forget(label, value),
    };
  }

  /** Every metric in the order of its registration. */
  families(): readonly MetricFamily[] {
    return this.#families.map((read) => read());
  }

  /** For the content type `text/plain; version=0.0.4`. */
  render(): string {
    return renderMetrics(this.families());
  }
}

/** Series by their labels. */
class SeriesMap<One extends { readonly labels: Labels }> {
  readonly #series = new Map<string, One>();
  readonly #create: (labels: Labels) => One;

  constructor(create: (labels: Labels) => One) {
    this.#create = create;
  }

  at(labels: Labels): One {
    const key = JSON.stringify(Object.entries(labels));
    const found = this.#series.get(key) ?? this.#create(labels);
    this.#series.set(key, found);
    return found;
  }

  all(): readonly One[] {
    return [...this.#series.values()];
  }

  forget(label: string, value: string): void {
    for (const [key, { labels }] of this.#series) if (labels[label] === value) this.#series.delete(key);
  }
}
