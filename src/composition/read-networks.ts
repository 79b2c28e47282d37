import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isGuarded } from '../sandboxes/containerd/network/closed-ranges.ts';
import { parseAddress, parseRange } from '../sandboxes/containerd/network/ipv4.ts';
import type { NamedNetworks } from '../sandboxes/containerd/network/named-networks.ts';
import { BerthError, messageOf } from '../shared/errors.ts';

/** The file of BERTH_NETWORKS; no networks when there is no setting. Rejects with `validation`, saying what is wrong where. */
export async function readNetworks(file: string | undefined): Promise<NamedNetworks> {
  if (file === undefined) return { subnets: {}, securityGroups: {} };
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new BerthError('validation', `BERTH_NETWORKS: ${file} is not a file of JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const parsed = networksSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message;
    return `${issue.path.join('.') || 'the file'}: ${message}`;
  });
  throw new BerthError('validation', `BERTH_NETWORKS: ${file} is wrong. ${problems.join('; ')}.`);
}

const range = z
  .string()
  .refine((text) => parseRange(text) !== undefined, 'expected an IPv4 range, such as 10.20.0.0/16')
  .refine((text) => {
    const parsed = parseRange(text);
    return parsed === undefined || !isGuarded(parsed);
  }, 'loopback, link-local and multicast cannot be reached from a network');

const ports = z
  .string()
  .regex(/^\d{1,5}(-\d{1,5})?$/, 'expected a port or a range of ports, such as 443 or 8000-8100')
  .transform((text): [number, number] => {
    const [first = 0, last = first] = text.split('-').map(Number);
    return [first, last];
  })
  .refine(([first, last]) => first >= 1 && first <= last && last <= 65_535, 'expected ports from 1 to 65535');

const rule = z
  .strictObject({
    to: range,
    protocol: z.enum(['tcp', 'udp', 'any']).default('any'),
    ports: ports.optional(),
  })
  .transform(({ to, protocol, ports: only }) => ({ range: to, protocol, ports: only }));

const id = (prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}-[0-9a-zA-Z]{8,17}$`), `expected an id such as ${prefix}-0123456789abcdef0`);

const networksSchema = z.strictObject({
  subnets: z
    .record(
      id('subnet'),
      z.strictObject({
        ranges: z.array(range),
        nameservers: z
          .array(z.string().refine((text) => parseAddress(text) !== undefined, 'expected an IPv4 address'))
          .max(3)
          .default([]),
      }),
    )
    .default({}),
  securityGroups: z.record(id('sg'), z.strictObject({ egress: z.array(rule) })).default({}),
});
