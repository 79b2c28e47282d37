import { type DestinationStream, pino } from 'pino';
import { formatLogLine } from './format-log-line.ts';

type Fields = Readonly<Record<string, unknown>>;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A constant message with its fields; an Error belongs into the field `error`. ERROR means that someone must act. */
export type Logger = Readonly<Record<LogLevel, (fields: Fields, message: string) => void>>;

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Standard output of the server. */
  readonly output: Pick<NodeJS.WritableStream, 'write'> & { readonly isTTY?: boolean };
}

/** Fields that hold secrets wherever they occur, one level deep or two. */
const secretNames = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'secretAccessKey',
  'sealedSecret',
  'token',
  'environment',
];

/** JSON lines, or lines for people when the output is a terminal. */
export function createLogger({ level, output }: LoggerOptions): Logger {
  const isForPeople = output.isTTY === true;
  const destination: DestinationStream = {
    write: (line) => void output.write(isForPeople ? formatLogLine(line) : line),
  };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
      errorKey: 'error',
      serializers: { error: pino.stdSerializers.errWithCause },
      redact: {
        paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[redacted]',
      },
    },
    destination,
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
