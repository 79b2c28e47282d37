import { once } from 'node:events';
import { createServer, isIPv4 } from 'node:net';
import type { Config } from '../../config/config.ts';
import type { Finding } from '../../shared/finding.ts';
import type { ExaminedHost } from './examined-host.ts';
import { kernelAddress, listeningSockets, ownerOf } from './listening-sockets.ts';

const area = 'Ports';

export interface PortsExamination {
  readonly host: ExaminedHost;
  readonly config: Pick<Config, 'listen' | 'tls'>;
  /** Process of the server of the very home that is looked at, if it runs. */
  readonly serverPid: number | undefined;
}

type Address = Config['listen'];

/** Whether the addresses that a server would listen at are this machine's, and free. */
export async function examinePorts(examination: PortsExamination): Promise<readonly Finding[]> {
  const { listen, tls } = examination.config;
  const addresses = [listen, ...(tls === undefined ? [] : [tls.listen])];
  return Promise.all(addresses.map((address) => examinePort(address, examination)));
}

async function examinePort(
  { host: name, port }: Address,
  { host, serverPid }: PortsExamination,
): Promise<Finding> {
  const subject = `${name} port ${port}`;
  const otherAddress = 'choose another address with --listen (BERTH_LISTEN), or BERTH_TLS_LISTEN for TLS';
  if (!(await isOwnAddress(name))) {
    const advice = `Give the machine this address, or ${otherAddress}.`;
    return { area, subject, state: 'fail', detail: 'this machine has no such address', advice };
  }
  const wanted = isIPv4(name) ? kernelAddress(name) : undefined;
  const isWildcard = name === '0.0.0.0' || name === '::';
  const holder = (await listeningSockets(host)).find(
    (socket) =>
      socket.port === port &&
      (isWildcard || socket.isWildcard || wanted === undefined || socket.address === wanted),
  );
  if (holder === undefined) return { area, subject, state: 'ok', detail: 'free' };
  const owner = await ownerOf(host, holder);
  if (owner === undefined) {
    return {
      area,
      subject,
      state: host.isRoot || serverPid === undefined ? 'fail' : 'unknown',
      detail: 'another program listens there; only root sees which',
      advice: `End it, or ${otherAddress}.`,
    };
  }
  if (owner.pid === serverPid) {
    return { area, subject, state: 'ok', detail: `the server of this home (pid ${owner.pid}) listens there` };
  }
  return {
    area,
    subject,
    // A socket unit listens in the server's place until that starts.
    state: owner.pid === 1 ? 'warn' : 'fail',
    detail: `${owner.command} (pid ${owner.pid}) listens there`,
    advice:
      owner.pid === 1
        ? "Fine if it is Berth's own socket unit; see docs/restart.md."
        : `End it, or ${otherAddress}.`,
  };
}

/** Tried with a port that the kernel chooses, which everybody may. */
async function isOwnAddress(name: string): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(0, name), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
