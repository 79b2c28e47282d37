import { isIP } from 'node:net';
import { z } from 'zod';
import type { AccountId } from './ids.ts';

/** How the text of one setting becomes a value, and what to tell someone who wrote another text. */
export interface ValueType<Value> {
  /** Completes "expected ...". */
  readonly expected: string;
  readonly schema: z.ZodType<Value, string>;
}

const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};
const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export const byteSize: ValueType<number> = {
  expected: 'a size with its unit, such as 512MiB or 8GB',
  schema: z
    .string()
    .regex(/^\d+(\.\d+)?\s*([kmgt]i?b|b)$/i)
    .transform((text) => Math.round(quantity(text) * (sizeUnits[unit(text).toUpperCase()] ?? 1))),
};

export const duration: ValueType<number> = {
  expected: 'a time with its unit, such as 500ms, 120s, 15m or 8h',
  schema: z
    .string()
    .regex(/^\d+(\.\d+)?\s*(ms|s|m|h)$/)
    .transform((text) => Math.round(quantity(text) * (durationUnits[unit(text)] ?? 1))),
};

/** Of `type`, but nothing below `least`, which is written like a value. */
export function atLeast(least: string, { expected, schema }: ValueType<number>): ValueType<number> {
  const leastValue = schema.parse(least);
  return {
    expected: `${expected}; ${least} or more`,
    schema: schema.refine((value) => value >= leastValue),
  };
}

export const listenAddress: ValueType<{ host: string; port: number }> = {
  expected: 'HOST:PORT, such as 127.0.0.1:4700, or [::1]:4700 for IPv6',
  schema: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/)
    .transform((text) => {
      const colon = text.lastIndexOf(':');
      return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
    })
    .refine(({ port }) => port >= 1 && port <= 65_535),
};

export const baseUrl: ValueType<string> = {
  expected: 'an http:// or https:// URL without query, such as https://agents.example.com',
  schema: z
    .string()
    .refine((text) => {
      const url = URL.parse(text);
      return url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
    })
    .transform((text) => text.replace(/\/+$/, '')),
};

/** For what carries keys: nobody between here and there may read it. */
export const privateUrl: ValueType<string> = {
  expected: 'an https:// URL without query, such as https://bao.example.com:8200, or http:// on loopback',
  schema: baseUrl.schema.refine((text) => {
    const url = URL.parse(text);
    return url?.protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url?.hostname ?? '');
  }),
};

export const engineChoice: ValueType<string> = {
  expected: "'auto', 'system', or an absolute path",
  schema: z.string().regex(/^(auto|system|\/.*)$/),
};

export const accountId: ValueType<AccountId> = {
  expected: '12 digits',
  schema: z
    .string()
    .regex(/^\d{12}$/)
    .transform((text) => text as AccountId),
};

export const absolutePath: ValueType<string> = {
  expected: 'an absolute path',
  schema: z
    .string()
    .regex(/^\/[^\0]*$/)
    .transform((text) => (text === '/' ? text : text.replace(/\/+$/, ''))),
};

export const percentage: ValueType<number> = {
  expected: 'a share from 1% to 100%, such as 85%',
  schema: z
    .string()
    .regex(/^\d{1,3}%$/)
    .transform((text) => Number.parseInt(text, 10))
    .refine((value) => value >= 1 && value <= 100),
};

export const pathList: ValueType<readonly string[]> = {
  expected: 'absolute paths separated by commas, such as /etc/containerd/certs.d,/etc/docker/certs.d',
  schema: listOf((text) => /^\/[^\0]*$/.test(text)),
};

export const onOff: ValueType<boolean> = {
  expected: "'on' or 'off'",
  schema: z
    .enum(['on', 'off', 'true', 'false', '1', '0'])
    .transform((text) => ['on', 'true', '1'].includes(text)),
};

/** As OpenTelemetry's variables have it, in any case. */
export const trueFalse: ValueType<boolean> = {
  expected: "'true' or 'false'",
  schema: z
    .string()
    .regex(/^(true|false)$/i)
    .transform((text) => text.toLowerCase() === 'true'),
};

export const fraction: ValueType<number> = {
  expected: 'a number from 0 to 1, such as 0.1',
  schema: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .refine((value) => value <= 1),
};

/** Names of header fields, and values in which blanks, commas and the like are percent-encoded (W3C Baggage). */
export const keyValues: ValueType<Readonly<Record<string, string>>> = {
  expected:
    'NAME=VALUE pairs separated by commas, values percent-encoded, such as api-key=abc%20def,tenant=blue',
  schema: listOf((item) => readPair(item) !== undefined).transform((items) =>
    Object.fromEntries(items.flatMap((item) => [readPair(item) ?? []])),
  ),
};

export const cidrList: ValueType<readonly string[]> = {
  expected: 'IPv4 ranges separated by commas, such as 10.0.0.0/8,192.168.1.10/32',
  schema: listOf(isCidr),
};

export const cidr: ValueType<string> = {
  expected: 'an IPv4 range, such as 10.88.0.0/16',
  schema: z.string().refine(isCidr),
};

export const portList: ValueType<readonly number[]> = {
  expected: 'ports from 1 to 65535 separated by commas, such as 5432,9200',
  schema: listOf((text) => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535).transform((ports) =>
    ports.map(Number),
  ),
};

export const originList: ValueType<readonly string[]> = {
  expected: 'origins of URLs separated by commas, such as https://login.corp.example,http://127.0.0.1:8080',
  schema: listOf((text) => {
    const url = URL.parse(text);
    return url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  }).transform((origins) => origins.map((text) => new URL(text).origin)),
};

export const discoveryUrlList: ValueType<readonly string[]> = {
  expected:
    'discovery URLs separated by commas, such as https://login.corp.example/.well-known/openid-configuration',
  schema: listOf(
    (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? '') && text.includes('/.well-known/'),
  ),
};

/** Names of issuers by their discovery URLs, each of which may be there once. */
export const issuerNames: ValueType<ReadonlyMap<string, string>> = {
  expected:
    'discovery URLs, each with = and a name, separated by commas, such as http://keycloak:8080/realms/a/.well-known/openid-configuration=https://login.corp.example/realms/a',
  schema: listOf((text) => /^https?:[^=]*\/\.well-known\/[^=]*=[^=\s]+$/.test(text) && URL.canParse(text))
    .transform((items) => items.map((item) => item.split('=') as [string, string]))
    .refine((pairs) => new Set(pairs.map(([url]) => url)).size === pairs.length)
    .transform((pairs) => new Map(pairs)),
};

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): ValueType<number> {
  return {
    expected:
      max === Number.MAX_SAFE_INTEGER
        ? `a whole number, ${min} or more`
        : `a whole number from ${min} to ${max}`,
    schema: z
      .string()
      .regex(/^\d+$/)
      .transform(Number)
      .refine((value) => value >= min && value <= max),
  };
}

/** Of `type`, or 'auto'. */
export function autoOr<Value>({ expected, schema }: ValueType<Value>): ValueType<Value | 'auto'> {
  return { expected: `auto, or ${expected}`, schema: z.literal('auto').or(schema) };
}

/** A number above zero, fractions allowed. */
export const positiveNumber: ValueType<number> = {
  expected: 'a number above 0, such as 2 or 0.5',
  schema: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .refine((value) => value > 0),
};

/** Text of the form `pattern`; `expected` says it in words. */
export function textLike(pattern: RegExp, expected: string): ValueType<string> {
  return { expected, schema: z.string().regex(pattern) };
}

export function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
): ValueType<Values[number]> {
  return { expected: `one of ${values.join(', ')}`, schema: z.enum(values) };
}

function quantity(text: string): number {
  return Number.parseFloat(text);
}

function unit(text: string): string {
  return text.replace(/[\d.\s]/g, '');
}

function listOf(isItem: (text: string) => boolean) {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    )
    .refine((items) => items.every(isItem));
}

function readPair(item: string): readonly [string, string] | undefined {
  const [, name, text] = /^([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*)$/.exec(item) ?? [];
  if (name === undefined || text === undefined) return undefined;
  try {
    const value = decodeURIComponent(text);
    // Neither a header nor an attribute may hold line breaks.
    return /[\0\r\n]/.test(value) ? undefined : [name, value];
  } catch {
    return undefined;
  }
}

function isCidr(text: string): boolean {
  const [address, bits, ...rest] = text.split('/');
  return rest.length === 0 && isIP(address ?? '') === 4 && /^\d{1,2}$/.test(bits ?? '') && Number(bits) <= 32;
}
