import { destinationList, egressOption } from './egress-option.ts';
import { invalidField } from '../shared/errors.ts';
import {
  atLeast,
  byteSize,
  duration,
  onOff,
  oneOf,
  positiveNumber,
  textLike,
  type ValueType,
  wholeNumber,
} from '../shared/value-types.ts';

/** One option: a tag of the runtime, `berth:` and its name. */
interface OptionType<Value> {
  /** For people, as in docs/sandbox-options.md. */
  readonly meaning: string;
  readonly type: ValueType<Value>;
}

/**
 * What an operator may set of one runtime's sandboxes and AWS has no field for. They travel as tags, so that every client of
 * AWS can set them; a change counts for sandboxes that start from then on (docs/decisions/0015).
 */
export const sandboxOptions = {
  isolation: {
    meaning: "how its sandboxes are walled off; the server's BERTH_ISOLATION when not set",
    type: textLike(/^[a-z][a-z0-9.-]*$/, 'the name of an isolation, such as runc'),
  },
  memory: {
    meaning: 'memory limit of a sandbox; BERTH_SANDBOX_MEMORY when not set',
    type: atLeast('16MiB', byteSize),
  },
  cpus: {
    meaning: 'processors a sandbox may use; BERTH_SANDBOX_CPUS when not set',
    type: positiveNumber,
  },
  pids: {
    meaning: 'processes and threads a sandbox may have; BERTH_SANDBOX_PIDS when not set',
    type: wholeNumber(16, 4_194_304),
  },
  disk: {
    meaning: 'writable disk of a sandbox; BERTH_SANDBOX_DISK when not set',
    type: atLeast('16MiB', byteSize),
  },
  hibernate: {
    meaning:
      'how long a session that was idle for too long is kept on disk, with its memory, to go on at its next call, instead of being ended; needs the isolation gvisor; off when not set',
    type: atLeast('1m', duration),
  },
  'freeze-after': {
    meaning:
      'idle time after which a sandbox is frozen until the next call; never when not set; counts at once',
    type: atLeast('5s', duration),
  },
  egress: {
    meaning: 'what a sandbox may reach; BERTH_EGRESS when not set',
    type: egressOption,
  },
  'egress-2': { meaning: 'goes on with the list of berth:egress', type: destinationList },
  'egress-3': { meaning: 'goes on with the list of berth:egress', type: destinationList },
  'egress-4': { meaning: 'goes on with the list of berth:egress', type: destinationList },
  'pool-min': {
    meaning:
      'sandboxes of each served version that are kept ready ahead of time; 0 when not set; counts at once',
    type: wholeNumber(0, 1_000),
  },
  pool: {
    meaning:
      'auto: as many are ready as sessions began in the busiest ten seconds of the last ten minutes; counts at once',
    type: oneOf(['auto']),
  },
  'pool-max': {
    meaning:
      'sandboxes that are ready at most; 10, or pool-min if that is more, when not set; counts at once',
    type: wholeNumber(0, 1_000),
  },
  'pool-frozen': {
    meaning: 'those that are ready are frozen until a session has one; off when not set; counts at once',
    type: onOff,
  },
  'bind-session': {
    meaning:
      "principal: a session is the first one's who calls it, and nobody else may, whatever the session id they know; anybody with the permission to call may when not set; counts at once",
    type: oneOf(['principal']),
  },
} as const satisfies Record<string, OptionType<unknown>>;

export type SandboxOptionName = keyof typeof sandboxOptions;

/** An option that is not there is the server's to decide. Sizes in bytes, times in milliseconds. */
export type SandboxOptions = {
  readonly [Name in SandboxOptionName]?: (typeof sandboxOptions)[Name]['type'] extends ValueType<infer Value>
    ? Value
    : never;
};

export const optionTagPrefix = 'berth:';

/** The options that say what an agent, or a caller, is kept from: who may set them may take the walls away. */
const walls: ReadonlySet<string> = new Set([
  'isolation',
  'egress',
  'egress-2',
  'egress-3',
  'egress-4',
  'bind-session',
] satisfies SandboxOptionName[]);

/** In any case of the letters, as `isOptionTag`. */
export function isWallTag(key: string): boolean {
  return isOptionTag(key) && walls.has(key.slice(optionTagPrefix.length).toLowerCase());
}

/** The options among a runtime's tags. Throws `validation` for an option that is unknown or has a value it cannot have. */
export function parseSandboxOptions(tags: Readonly<Record<string, string>>): SandboxOptions {
  const entries = Object.entries(tags)
    .filter(([key]) => isOptionTag(key))
    .map(([key, text]) => {
      const name = key.startsWith(optionTagPrefix) ? key.slice(optionTagPrefix.length) : key;
      return [name, parseOption(key, name, text)];
    });
  return Object.fromEntries(entries) as SandboxOptions;
}

/** Tag keys differ by case; these are reserved in any, so that a slip does not go unnoticed. */
export function isOptionTag(key: string): boolean {
  return key.toLowerCase().startsWith(optionTagPrefix);
}

function parseOption(key: string, name: string, text: string): unknown {
  if (!isOptionName(name)) {
    const known = Object.keys(sandboxOptions).map((option) => optionTagPrefix + option);
    throw invalidField(
      'tags',
      `There is no option '${key}': tags that begin with '${optionTagPrefix}' are Berth's. Known are ${known.join(', ')}.`,
    );
  }
  const { type } = sandboxOptions[name];
  const parsed = type.schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw invalidField('tags', `The tag ${key} is '${text}'; expected ${type.expected}.`);
}

function isOptionName(name: string): name is SandboxOptionName {
  return Object.hasOwn(sandboxOptions, name);
}
