import { invalidField } from '../shared/errors.ts';
import type { KeyLimits, KeyRole } from './principal.ts';
import { fitsPattern } from './wildcard.ts';

/** What of a runtime decides whether a key may see it. */
export interface LimitedRuntime {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Whether a key with these limits may have to do with the runtime. */
export function isWithin(limits: KeyLimits | undefined, { name, tags }: LimitedRuntime): boolean {
  if (limits === undefined) return true;
  const { runtimes, tags: wanted = {} } = limits;
  if (runtimes !== undefined && !runtimes.some((pattern) => fitsPattern(pattern, name))) return false;
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(tags, key) && tags[key] === value);
}

/**
 * Whether the key may push, pull and see a repository: one that is named like a runtime that it may have to do with, as `berth deploy`
 * names it: in lower case, with a hyphen for underscores. Repositories have no tags, so that a key that is limited by tags alone has none.
 */
export function isRepositoryWithin(limits: KeyLimits | undefined, repository: string): boolean {
  if (limits === undefined) return true;
  const name = likeRepository(repository);
  return limits.runtimes?.some((pattern) => fitsPattern(likeRepository(pattern), name)) === true;
}

function likeRepository(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]+/g, '-');
}

const patternForm = /^[a-zA-Z*][a-zA-Z0-9_*]{0,99}$/;
const most = 20;

/** Throws `validation` for limits that a key cannot have, or that would never fit. Undefined when there are none. */
export function checkLimits(role: KeyRole, given: KeyLimits): KeyLimits | undefined {
  const { runtimes = [], tags = {} } = given;
  if (runtimes.length === 0 && Object.keys(tags).length === 0) return undefined;
  if (role === 'admin')
    throw invalidField(
      'role',
      'A key with the role admin cannot be limited: it could make itself another key. Choose the role deployer, application or invoker.',
    );
  if (role === 'agent')
    throw invalidField(
      'role',
      'A key with the role agent cannot be limited to runtimes: it is for agents that are none. Choose the role deployer, application or invoker.',
    );
  const wrong = runtimes.find((pattern) => !patternForm.test(pattern));
  if (wrong !== undefined)
    throw invalidField(
      'runtimes',
      `'${wrong}' fits no runtime: their names are letters, digits and underscores, and '*' stands for any of them, as in team_a_*.`,
    );
  if (runtimes.length > most || Object.keys(tags).length > most)
    throw invalidField('runtimes', `A key may be limited to ${most} names and ${most} tags.`);
  const reserved = Object.keys(tags).find((key) => key.toLowerCase().startsWith('berth:'));
  if (reserved !== undefined)
    throw invalidField('tags', `The tag ${reserved} is an option of Berth's; choose one of your own.`);
  return {
    ...(runtimes.length > 0 && { runtimes }),
    ...(Object.keys(tags).length > 0 && { tags }),
  };
}
