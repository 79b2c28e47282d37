import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ExportResultCode } from '@opentelemetry/core';
import { BatchSpanProcessor, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Counter } from '../metrics.ts';
import type { ExportHealth } from './export-health.ts';

export interface BoundedSpansParts {
  readonly exporter: ConstructorParameters<typeof OTLPTraceExporter>[0];
  readonly queueSize: number;
  readonly batchSize: number;
  readonly delayMs: number;
  /** By `outcome`: exported, failed, dropped. */
  readonly spans: Counter;
  readonly health: ExportHealth;
}

/** Batches of spans on their way to the collector. What the queue has no room for is dropped, and counted. */
export class BoundedSpans implements SpanProcessor {
  readonly #batches: BatchSpanProcessor;
  readonly #queueSize: number;
  readonly #spans: Counter;
  #waiting = 0;

  constructor({ exporter, queueSize, batchSize, delayMs, spans, health }: BoundedSpansParts) {
    this.#queueSize = queueSize;
    this.#spans = spans;
    const counted = new CountedExporter(exporter, {
      taken: (count) => (this.#waiting -= count),
      done: (count, error) => {
        spans.add({ outcome: error === undefined ? 'exported' : 'failed' }, count);
        health.note(error);
      },
    });
    this.#batches = new BatchSpanProcessor({
      exporter: counted,
      maxQueueSize: queueSize,
      maxExportBatchSize: batchSize,
      scheduledDelayMillis: delayMs,
    });
  }

  onStart(...[span, context]: Parameters<SpanProcessor['onStart']>): void {
    this.#batches.onStart(span, context);
  }

  onEnd(span: ReadableSpan): void {
    if (this.#waiting >= this.#queueSize) {
      this.#spans.add({ outcome: 'dropped' });
      return;
    }
    this.#waiting += 1;
    this.#batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#batches.shutdown();
  }
}

interface ExportListener {
  taken(count: number): void;
  done(count: number, error: Error | undefined): void;
}

class CountedExporter extends OTLPTraceExporter {
  readonly #listener: ExportListener;

  constructor(options: BoundedSpansParts['exporter'], listener: ExportListener) {
    super(options);
    this.#listener = listener;
  }

  override export(...[spans, done]: Parameters<OTLPTraceExporter['export']>): void {
    this.#listener.taken(spans.length);
    super.export(spans, (result) => {
      const isDone = result.code === ExportResultCode.SUCCESS;
      this.#listener.done(
        spans.length,
        isDone ? undefined : (result.error ?? new Error('no reason was given')),
      );
      done(result);
    });
  }
}
