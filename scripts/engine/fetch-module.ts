import { z } from 'zod';
import type { PublishedModule } from './engine-manifest.ts';
import type { GoTool } from './go-tool.ts';

const answer = z.object({ Dir: z.string(), Sum: z.string() });

/**
 * Downloads a module and returns the folder of its source. Throws when its sum is not that of engine.json: nothing of it has been
 * compiled by then. What it needs itself is pinned by its own go.sum, which the sum covers.
 */
export async function fetchModule(go: GoTool, { path, version, sum }: PublishedModule): Promise<string> {
  const said = await go.run(['mod', 'download', '-json', `${path}@${version}`], { cwd: '/' });
  const { Dir, Sum } = answer.parse(JSON.parse(said));
  if (Sum !== sum) {
    throw new Error(
      `${path}@${version} is not what engine.json says: its sum is ${Sum}, expected ${sum}. Nothing was built.`,
    );
  }
  return Dir;
}
