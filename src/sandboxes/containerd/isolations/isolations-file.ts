import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { BerthError, messageOf } from '../../../shared/errors.ts';

/** An isolation that the operator adds: an OCI runtime under runc's shim, or a shim of its own. */
export interface ConfiguredIsolation {
  readonly name: string;
  /** As containerd names it, or an absolute path. */
  readonly shim: string | undefined;
  /** The OCI runtime that runc's shim is to call, absolute. */
  readonly runtime: string | undefined;
  /** The shim's own configuration file, absolute. */
  readonly config: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** Whose kernel serves the agent's system calls. */
  readonly kernel: 'host' | 'own';
}

/** Reads the file of `BERTH_ISOLATIONS_FILE`. Rejects with `validation`, which says what is wrong and where. */
export async function readIsolationsFile(path: string): Promise<readonly ConfiguredIsolation[]> {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new BerthError('validation', `BERTH_ISOLATIONS_FILE ${path}: ${problem}`, { cause });
  };
  const text = await readFile(path, 'utf8').catch((error: unknown) => refuse(messageOf(error), error));
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    refuse(`is no JSON: ${messageOf(error)}`, error);
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) return refuse(z.prettifyError(parsed.error), parsed.error);
  return Object.entries(parsed.data).map(([name, given]) => {
    if (builtIn.includes(name)) return refuse(`'${name}' is built in; choose another name.`);
    const { shim, runtime, config } = given;
    if (runtime !== undefined && shim !== undefined)
      return refuse(`'${name}' has both a runtime, which runc's shim calls, and a shim. Keep one.`);
    if (runtime === undefined && shim === undefined) return refuse(`'${name}' needs a runtime or a shim.`);
    if (config !== undefined && shim === undefined)
      return refuse(`'${name}' has a config, which only a shim reads.`);
    return {
      name,
      shim,
      runtime,
      config,
      annotations: given.annotations ?? {},
      kernel: given.kernel ?? (runtime === undefined ? 'own' : 'host'),
    };
  });
}

const builtIn: readonly string[] = ['runc', 'gvisor'];
const absolute = z.string().regex(/^\//, 'expected an absolute path');
const fileSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9.-]*$/, 'expected a name such as kata'),
  z.strictObject({
    shim: z
      .string()
      .regex(
        /^(\/.*|io\.containerd\.[a-z0-9-]+\.v[0-9]+)$/,
        'expected a name such as io.containerd.kata.v2, or a path',
      )
      .optional(),
    runtime: absolute.optional(),
    config: absolute.optional(),
    annotations: z.record(z.string(), z.string()).optional(),
    kernel: z.enum(['host', 'own']).optional(),
  }),
);
