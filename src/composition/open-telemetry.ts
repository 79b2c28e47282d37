import type { Config } from '../config/config.ts';
import type { Otlp, OtlpParts } from '../observability/otlp/open-otlp.ts';

export interface TelemetryParts extends Omit<OtlpParts, 'settings' | 'accountId' | 'region'> {
  readonly config: Pick<Config, 'telemetry' | 'accountId' | 'region'>;
}

/** Exports of traces and metrics; where nothing is configured OpenTelemetry is not even loaded. */
export async function openTelemetry({ config, ...parts }: TelemetryParts): Promise<Otlp | undefined> {
  const { telemetry: settings, accountId, region } = config;
  if (settings === undefined) return undefined;
  const { openOtlp } = await import('../observability/otlp/open-otlp.ts');
  return openOtlp({ ...parts, settings, accountId, region });
}
