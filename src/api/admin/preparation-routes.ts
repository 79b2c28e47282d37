import type { ArtifactProgress } from '../../runtimes/artifact-preparation.ts';
import type { Runtime } from '../../runtimes/runtime.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RuntimeId } from '../../shared/ids.ts';
import { type AdminRoute, json, runtimeIdInPath } from './admin-request.ts';

/** How far the image of a version has come on its way here. */
export interface PreparationView {
  findRuntime(id: RuntimeId): Promise<Runtime | undefined>;
  /** Undefined when this version is not being prepared now. */
  progressOf(id: RuntimeId, version: number): ArtifactProgress | undefined;
  /** What its image costs that another would not; undefined when there is nothing to say, or it is not known yet. */
  warningOf(id: RuntimeId, version: number): Promise<string | undefined>;
}

export function preparationRoutes(view: PreparationView): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/runtimes/:runtimeId/versions/:version/preparation',
      action: 'berth:GetPreparation',
      runtimeIdOf: runtimeIdInPath,
      async answer({ principal, params }) {
        const { runtimeId = '', version = '' } = params;
        const runtime = await view.findRuntime(runtimeId as RuntimeId);
        if (runtime?.accountId !== principal.accountId || runtime.region !== principal.region)
          throw new BerthError('not-found', `There is no runtime ${runtimeId}.`);
        const warning = await view.warningOf(runtime.id, Number(version));
        return json({
          ...view.progressOf(runtime.id, Number(version)),
          ...(warning !== undefined && { warning }),
        });
      },
    },
  ];
}
