type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(labels?: Labels, amount?: number): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly samples: () => Iterable<readonly [suffix: string, labels: Labels, value: number]>;
}

/** What `/metrics` shows, in the text format of Prometheus. Labels take few values: never ids. */
export class Metrics {
  readonly #families: Family[] = [];

  /** Shown as 0 before the first `add` when it has no labels. */
  counter(name: string, help: string, initial: readonly Labels[] = [{}]): Counter {
    const values = new Map<string, { readonly labels: Labels; value: number }>();
    const at = (labels: Labels) => {
      const key = renderLabels(labels);
      const found = values.get(key) ?? { labels, value: 0 };
      values.set(key, found);
      return found;
    };
    for (const labels of initial) at(labels);
    this.#families.push({
      type: 'counter',
      name,
      help,
      samples: () => [...values.values()].map(({ labels, value }) => ['', labels, value] as const),
    });
    return {
      add(labels = {}, amount = 1) {
        at(labels).value += amount;
      },
    };
  }

  /** Asked whenever the metrics are read. */
  gauge(name: string, help: string, read: () => number): void {
    this.#families.push({ type: 'gauge', name, help, samples: () => [['', {}, read()]] });
  }

  /** `bounds` are the upper edges of its buckets, rising. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const series = new Map<string, Series>();
    this.#families.push({
      type: 'histogram',
      name,
      help,
      samples: () => [...series.values()].flatMap((one) => bucketSamples(one, bounds)),
    });
    return {
      observe(value, labels = {}) {
        const key = renderLabels(labels);
        const one = series.get(key) ?? { labels, counts: bounds.map(() => 0), count: 0, sum: 0 };
        series.set(key, one);
        const bucket = bounds.findIndex((bound) => value <= bound);
        if (bucket >= 0) one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
        one.count += 1;
        one.sum += value;
      },
    };
  }

  /** For the content type `text/plain; version=0.0.4`. */
  render(): string {
    return this.#families
      .flatMap(({ name, help, type, samples }) => [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...[...samples()].map(
          ([suffix, labels, value]) => `${name}${suffix}${renderLabels(labels)} ${value}`,
        ),
      ])
      .map((line) => `${line}\n`)
      .join('');
  }
}

interface Series {
  readonly labels: Labels;
  readonly counts: number[];
  count: number;
  sum: number;
}

function bucketSamples({ labels, counts, count, sum }: Series, bounds: readonly number[]) {
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += counts[index] ?? 0;
    return ['_bucket', { ...labels, le: String(bound) }, below] as const;
  });
  return [
    ...buckets,
    ['_bucket', { ...labels, le: '+Inf' }, count] as const,
    ['_sum', labels, sum] as const,
    ['_count', labels, count] as const,
  ];
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escapeLabel)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
