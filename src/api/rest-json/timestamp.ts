import type { MemberModel, TimestampFormat, TimestampShape } from '../model/service-model.ts';

/** The member's own format, else the shape's, else restJson1's default for where the member travels. */
export function timestampFormatOf(member: MemberModel, shape: TimestampShape): TimestampFormat {
  if (member.timestampFormat) return member.timestampFormat;
  if (shape.timestampFormat) return shape.timestampFormat;
  if (member.location === 'header') return 'rfc822';
  return member.location === undefined ? 'unixTimestamp' : 'iso8601';
}

export function writeTimestamp(time: Date, format: TimestampFormat): string | number {
  switch (format) {
    case 'iso8601':
      return time.toISOString();
    case 'unixTimestamp':
      return time.getTime() / 1000;
    case 'rfc822':
      return time.toUTCString();
    default:
      throw new Error(`Unknown timestamp format ${String(format)}`);
  }
}

const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** `undefined` when the value is not a time of that format. Epoch seconds may be text where the value travels outside the body. */
export function readTimestamp(value: unknown, format: TimestampFormat): Date | undefined {
  const time = new Date(readMilliseconds(value, format));
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function readMilliseconds(value: unknown, format: TimestampFormat): number {
  if (format === 'unixTimestamp') {
    const isNumeric =
      typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));
    return isNumeric ? Math.round(Number(value) * 1000) : Number.NaN;
  }
  const pattern = format === 'iso8601' ? isoTime : httpDate;
  return typeof value === 'string' && pattern.test(value) ? Date.parse(value) : Number.NaN;
}
