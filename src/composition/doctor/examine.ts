import type { Config } from '../../config/config.ts';
import { enginePrograms } from '../../sandboxes/containerd/engine-programs.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/finding.ts';
import { examineEngine } from './engine.ts';
import { thisHost } from './examined-host.ts';
import { examineIsolations } from './isolations.ts';
import { examineKernel } from './kernel.ts';
import { examineMachine } from './machine.ts';
import { examineNetwork } from './network.ts';
import { examinePorts } from './ports.ts';

/** Looks at this machine as a place for a server with these settings, which may run already. Changes nothing, leaves nothing. */
export async function examine(config: Config, serverPid: number | undefined): Promise<readonly Finding[]> {
  const host = thisHost();
  const clock = systemClock;
  const { containerdSocket: socket, isolation: usual, isolationsFile: file, userNamespaces } = config.engine;
  const programs = enginePrograms({ choice: config.engine.programs });
  return [
    ...(await examineMachine({ host, config })),
    ...(await examineKernel(host, clock)),
    ...(await examineEngine({ host, programs, socket })),
    ...(await examineIsolations({
      host,
      programs,
      usual,
      file,
      home: config.home,
      userNamespaces,
      socket,
      clock,
    })),
    ...(await examineNetwork({ host, network: config.network })),
    ...(await examinePorts({ host, config, serverPid })),
  ];
}
