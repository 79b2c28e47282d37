import type { Distribution, Labels, MetricFamily } from './metric-family.ts';

/** The text format of Prometheus, version 0.0.4. */
export function renderMetrics(families: readonly MetricFamily[]): string {
  return families
    .flatMap((family) => [
      `# HELP ${family.name} ${family.help}`,
      `# TYPE ${family.name} ${family.type}`,
      ...samplesOf(family).map(
        ([suffix, labels, value]) => `${family.name}${suffix}${renderLabels(labels)} ${value}`,
      ),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

type Sample = readonly [suffix: string, labels: Labels, value: number];

function samplesOf(family: MetricFamily): readonly Sample[] {
  return family.type === 'histogram'
    ? family.points.flatMap((point) => bucketSamples(point, family.bounds))
    : family.points.map(({ labels, value }) => ['', labels, value] as const);
}

function bucketSamples(
  { labels, counts, count, sum }: Distribution,
  bounds: readonly number[],
): readonly Sample[] {
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += counts[index] ?? 0;
    return ['_bucket', { ...labels, le: String(bound) }, below] as const;
  });
  return [
    ...buckets,
    ['_bucket', { ...labels, le: '+Inf' }, count],
    ['_sum', labels, sum],
    ['_count', labels, count],
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
