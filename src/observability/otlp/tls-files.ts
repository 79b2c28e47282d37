import { readFile } from 'node:fs/promises';
import { BerthError, messageOf } from '../../shared/errors.ts';

export interface TlsFiles {
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

/** What they hold, for connections to the collector; rejects with `validation` when one cannot be read. */
export async function readTlsFiles({ caFile, certFile, keyFile }: TlsFiles) {
  const [ca, cert, key] = await Promise.all([
    read('OTEL_EXPORTER_OTLP_CERTIFICATE', caFile),
    read('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', certFile),
    read('OTEL_EXPORTER_OTLP_CLIENT_KEY', keyFile),
  ]);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

async function read(variable: string, file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    throw new BerthError('validation', `${variable} names a file that cannot be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
