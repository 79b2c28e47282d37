export type RegistryChallenge =
  | { readonly kind: 'basic' }
  | {
      readonly kind: 'bearer';
      readonly realm: string;
      readonly service: string | undefined;
      readonly scope: string | undefined;
    };

/** Reads `WWW-Authenticate`; Bearer is preferred. undefined when neither kind is offered. */
export function parseChallenge(
  header: string | readonly string[] | undefined,
): RegistryChallenge | undefined {
  const text = [header ?? ''].flat().join(', ');
  const bearer = /(?:^|,\s*)Bearer\s+(.*)$/is.exec(text)?.[1];
  if (bearer !== undefined) {
    const fields = new Map<string, string>();
    for (const [, name = '', quoted, plain] of bearer.matchAll(
      /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi,
    )) {
      const key = name.toLowerCase();
      if (!fields.has(key)) fields.set(key, quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
    }
    const realm = fields.get('realm');
    if (realm !== undefined) {
      return { kind: 'bearer', realm, service: fields.get('service'), scope: fields.get('scope') };
    }
  }
  return /(?:^|,\s*)Basic\b/i.test(text) ? { kind: 'basic' } : undefined;
}
