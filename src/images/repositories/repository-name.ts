/** Names as in the OCI distribution spec, so no component can be `.`, `..`, empty or upper-case. */
const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && namePattern.test(text);
}

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}
