import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Secrets that the user keeps, as members of JSON objects; read anew each time. */
export interface ExternalSecrets {
  /** Answers the secret, or what is wrong and what to do about it; never any of the content in that. */
  read(secretId: string, jsonKey: string): Promise<ExternalSecret>;
}

export type ExternalSecret =
  | { readonly kind: 'secret'; readonly value: string }
  | { readonly kind: 'missing' | 'problem'; readonly message: string };

const maxFileBytes = 256 * 1024;

const contentSchema = z.record(z.string(), z.unknown());

/**
 * Files `NAME.json` in one folder, as Kubernetes and Docker mount secrets; `undefined` for a server that has none. Links are followed within
 * the folder only (Kubernetes swaps secrets by links), and files that others may read or change are refused.
 */
export function createSecretFolder(folder: string | undefined): ExternalSecrets {
  return {
    async read(secretId, jsonKey) {
      if (folder === undefined)
        return problem(
          'This server has no folder for external secrets. Set BERTH_SECRETS_DIR to one, or let Berth keep the secret (MANAGED).',
        );
      const names = namesOf(secretId);
      if (names === undefined)
        return problem(
          `'${shorten(secretId)}' names no secret: expected a name of letters, digits and -_+=.@!/ without '..', or the ARN of a secret of AWS Secrets Manager.`,
        );
      for (const name of names) {
        const content = await readConfined(folder, name);
        if (content === undefined) continue;
        return typeof content === 'string' ? memberOf(content, name, jsonKey) : content;
      }
      return {
        kind: 'missing',
        message: `There is no file ${names.map((name) => `${name}.json`).join(' or ')} in the folder that BERTH_SECRETS_DIR names. Put it there.`,
      };
    },
  };
}

/**
 * An ARN may end in a hyphen and six characters that Secrets Manager adds, or in a name that happens to look so: the whole comes
 * first.
 */
function namesOf(secretId: string): readonly string[] | undefined {
  const [, tail] = arnForm.exec(secretId) ?? [];
  const names = tail === undefined ? [secretId] : [tail, tail.replace(/-[A-Za-z0-9]{6}$/, '')];
  return names.every(isName) ? [...new Set(names)] : undefined;
}

const arnForm = /^arn:aws(?:-[a-z-]+)?:secretsmanager:[A-Za-z0-9-]+:[0-9]{12}:secret:(.+)$/;

function isName(name: string): boolean {
  const parts = name.split('/');
  return (
    name.length <= 512 && parts.every((part) => /^[A-Za-z0-9_+=.@!-]+$/.test(part) && !/^\.+$/.test(part))
  );
}

/** The file's text, what is wrong with it, or undefined when there is none. */
async function readConfined(folder: string, name: string): Promise<string | ExternalSecret | undefined> {
  let file: FileHandle;
  try {
    // Not blocking: a named pipe would wait for somebody to write.
    file = await open(join(folder, `${name}.json`), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return problem(`The external secret ${name}.json cannot be opened (${code}).`);
  }
  try {
    // Asked of the open file: what a path leads to may change between looking and opening.
    const [root, place] = await Promise.all([realpath(folder), readlink(`/proc/self/fd/${file.fd}`)]);
    if (!place.startsWith(`${root}/`))
      return problem(
        `The external secret ${name}.json is a link out of the folder that BERTH_SECRETS_DIR names.`,
      );
    const status = await file.stat();
    const { mode, size } = status;
    if (!status.isFile()) return problem(`The external secret ${name}.json is not a file.`);
    if ((mode & 0o027) !== 0)
      return problem(
        `The external secret ${name}.json can be read by others, or changed by its group: give it the mode 0600, 0640, 0400 or 0440 (of mounts: defaultMode or mode), and consider it known.`,
      );
    if (size > maxFileBytes)
      return problem(`The external secret ${name}.json has more than ${maxFileBytes} bytes.`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function memberOf(text: string, name: string, jsonKey: string): ExternalSecret {
  // The parser's own message would quote the text.
  const content = contentSchema.safeParse(parseOrUndefined(text));
  if (!content.success) return problem(`The external secret ${name}.json does not hold a JSON object.`);
  const value = Object.hasOwn(content.data, jsonKey) ? content.data[jsonKey] : undefined;
  if (typeof value === 'string' && value !== '') return { kind: 'secret', value };
  return problem(
    `The external secret ${name}.json has no member '${shorten(jsonKey)}' with a text that is not empty.`,
  );
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function problem(message: string): ExternalSecret {
  return { kind: 'problem', message };
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
