import { ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { Resource } from '@opentelemetry/resources';
import type { Clock } from '../../shared/clock.ts';
import type { MetricFamily } from '../metric-family.ts';

export interface MetricDataParts {
  readonly families: () => readonly MetricFamily[];
  readonly resource: Resource;
  readonly version: string;
  readonly clock: Clock;
}

/** What `/metrics` shows, as it is whenever it is exported: nothing is counted twice. */
export function produceMetrics({ families, resource, version, clock }: MetricDataParts): MetricProducer {
  const startedAtMs = clock.now();
  return {
    async collect() {
      const times = { startTime: hrTime(startedAtMs), endTime: hrTime(clock.now()) };
      const metrics = families().map((family) => metricData(family, times));
      return {
        resourceMetrics: { resource, scopeMetrics: [{ scope: { name: 'berth', version }, metrics }] },
        errors: [],
      };
    },
  };
}

type Times = Pick<MetricData['dataPoints'][number], 'startTime' | 'endTime'>;

function metricData(family: MetricFamily, times: Times): MetricData {
  const common = {
    descriptor: {
      name: family.name,
      description: family.help,
      unit: unitOf(family.name),
      valueType: ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  switch (family.type) {
    case 'histogram':
      return {
        ...common,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: family.points.map(({ labels, counts, count, sum }) => ({
          ...times,
          attributes: labels,
          value: { buckets: { boundaries: [...family.bounds], counts: [...counts] }, count, sum },
        })),
      };
    case 'counter':
      return {
        ...common,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: family.points.map(({ labels, value }) => ({ ...times, attributes: labels, value })),
      };
    case 'gauge':
      return {
        ...common,
        dataPointType: DataPointType.GAUGE,
        dataPoints: family.points.map(({ labels, value }) => ({ ...times, attributes: labels, value })),
      };
  }
}

/** In UCUM, from the end of a name in Prometheus's style. */
function unitOf(name: string): string {
  if (name.endsWith('_seconds')) return 's';
  return name.includes('_bytes') ? 'By' : '1';
}

function hrTime(ms: number): [seconds: number, nanos: number] {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}
