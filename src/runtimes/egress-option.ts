import { z } from 'zod';
import { type AllowedDestination, parseAllowedDestination } from '../shared/allowed-destination.ts';
import type { ValueType } from '../shared/value-types.ts';
import type { VersionNetwork } from './version-network.ts';

export type EgressOption = 'on' | 'off' | readonly AllowedDestination[];

const listForm =
  'names (.example.com: all below it), IPv4 addresses and ranges separated by blanks, each with :PORT behind it for one port only';

/** A list of at least one destination. `*` cannot be written in a tag, so a dot in front stands for it. */
export const destinationList: ValueType<readonly AllowedDestination[]> = {
  expected: listForm,
  schema: z.string().transform((text, context) => {
    const found: AllowedDestination[] = [];
    for (const word of text.split(/\s+/).filter((part) => part !== '')) {
      const destination = parseAllowedDestination(word);
      if (destination === undefined) context.addIssue(`'${word}' is none`);
      else found.push(destination);
    }
    if (found.length === 0) context.addIssue('is empty');
    return found;
  }),
};

export const egressOption: ValueType<EgressOption> = {
  expected: `'on', 'off', or a list of all that may be reached: ${listForm}`,
  schema: z.union([z.enum(['on', 'off']), destinationList.schema]),
};

/** What an allow-list is continued in: a tag holds 256 characters. */
export const moreEgress = ['egress-2', 'egress-3', 'egress-4'] as const;

type EgressOptions = { readonly egress?: EgressOption } & {
  readonly [Name in (typeof moreEgress)[number]]?: readonly AllowedDestination[];
};

/** The whole allow-list. Undefined when there is none. */
export function allowListOf(options: EgressOptions): readonly AllowedDestination[] | undefined {
  const { egress } = options;
  if (egress === undefined || egress === 'on' || egress === 'off') return undefined;
  return [...egress, ...moreEgress.flatMap((name) => options[name] ?? [])];
}

/** Why the options cannot be set together, or undefined. */
export function egressProblem(options: EgressOptions): string | undefined {
  const more = moreEgress.find((name) => options[name] !== undefined);
  if (more === undefined || allowListOf(options) !== undefined) return undefined;
  return `The tag berth:${more} continues the list of berth:egress, which is no list. Remove berth:${more}, or put a list into berth:egress.`;
}

/** Why a version with this network cannot have sandboxes with these options, or undefined. */
export function networkProblem(
  { egress }: EgressOptions,
  network: VersionNetwork | undefined,
): string | undefined {
  if (network === undefined || egress === undefined || egress === 'off') return undefined;
  return "The runtime has the network mode VPC, whose subnets and security groups say what it may reach: the option berth:egress can only be 'off' beside it. Remove the tag, or use the network mode PUBLIC.";
}
