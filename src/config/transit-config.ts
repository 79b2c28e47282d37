import { BerthError } from '../shared/errors.ts';
import type { Parsed } from './parsed-settings.ts';

/** How the transit engine is reached that keeps the vault's key. */
export interface TransitConfig {
  /** Without a trailing slash. */
  readonly url: string;
  /** Without slashes at its ends. */
  readonly mount: string;
  readonly key: string;
  readonly tokenFile: string;
  /** PEM; undefined: the system's. */
  readonly caFile: string | undefined;
}

/** Undefined when there is none. Throws `validation` for half a configuration. */
export function transitConfig(parsed: Parsed): TransitConfig | undefined {
  const { transitUrl: url, transitTokenFile: tokenFile, transitMount: mount, transitKey: key } = parsed;
  if (url !== undefined && tokenFile !== undefined)
    return { url, mount, key, tokenFile, caFile: parsed.transitCaFile };
  if (url === undefined && tokenFile === undefined) return undefined;
  const [given, missing] = url === undefined ? ['TOKEN_FILE', 'URL'] : ['URL', 'TOKEN_FILE'];
  throw new BerthError(
    'validation',
    `BERTH_TRANSIT_${given} is set, but BERTH_TRANSIT_${missing} is not: a transit engine needs both.`,
  );
}
