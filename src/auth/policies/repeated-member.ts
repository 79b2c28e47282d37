/**
 * The name of a member that an object of `json`, which JSON.parse takes, has twice: the parser keeps the last one, a reader may see
 * the first. Undefined when there is none.
 */
export function findRepeatedMember(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (text !== undefined && colon !== undefined) {
      const name = JSON.parse(text) as string;
      const names = open.at(-1);
      if (names?.has(name) === true) return name;
      names?.add(name);
    }
  }
  return undefined;
}
