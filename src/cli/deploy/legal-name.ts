import { usageError } from '../cli-error.ts';

const maxLength = 48;

/** The nearest name that AgentCore allows: a letter, then letters, digits and underscores, 48 in all. */
export function legalName(text: string): string {
  const name = text
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^[^A-Za-z]+/, '')
    .slice(0, maxLength)
    .replace(/_+$/, '');
  if (name === '')
    throw usageError(`'${text}' holds no letter to begin a name with.`, 'Choose one with --name.');
  return name;
}

/** The name that a reference suggests: the last part of its path, without tag, digest and archive ending. */
export function nameFromReference(reference: string): string {
  const path = reference
    .replace(/^(oci|docker-daemon|docker-archive|oci-archive):/, '')
    .replace(/@sha256:.*$/, '');
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? path;
  return legalName(last.replace(/\.(tar|tar\.gz|tgz|oci)$/, '').replace(/:[^:]*$/, ''));
}
