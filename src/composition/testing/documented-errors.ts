import { readFile } from 'node:fs/promises';
import type { Plane } from '../../api/model/service-model.ts';
import { identityOperations } from './provoked-errors.ts';

/** The errors that docs/identity/errors.md says cannot happen here, each as `OPERATION: ERROR`. */
export async function documentedAsImpossible(plane: Plane): Promise<readonly string[]> {
  const page = new URL('../../../docs/identity/errors.md', import.meta.url);
  const rows = [...(await readFile(page, 'utf8')).matchAll(/^\| `(\w+)` \| (`\w+`(?:, `\w+`)*) \| .+ \|$/gm)];
  const all = rows.flatMap(([, error, operations = '']) =>
    [...operations.matchAll(/\w+/g)].map(([operation]) => ({ operation, error })),
  );
  const isOfPlane = (operation: string) =>
    identityOperations.some((one) => one.plane === plane && one.name === operation);
  return all
    .filter(({ operation }) => isOfPlane(operation))
    .map(({ operation, error }) => `${operation}: ${error}`)
    .toSorted();
}
