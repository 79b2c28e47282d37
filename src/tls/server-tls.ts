import { generateKeyPairSync } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Clock } from '../shared/clock.ts';
import { messageOf } from '../shared/errors.ts';
import { type AuthorityParts, backdateMs, findAuthority } from './authority.ts';
import type { CaFolder } from './ca-folder.ts';
import { makeServerCertificate } from './certificates.ts';
import { CertificateFollower, type CertificateFiles } from './own-certificate.ts';

export interface ServerTlsParts {
  readonly authority: AuthorityParts;
  readonly caFolder: Pick<CaFolder, 'publish'>;
  /** DNS names and IP addresses by which clients may call. */
  readonly names: readonly string[];
  /** Serves the names that it covers in place of Berth's own. */
  readonly own: CertificateFiles | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/** Clients refuse more than 398 days. */
const lifetimeMs = 397 * 24 * 3_600_000;

interface Served {
  readonly cert: string;
  readonly key: string;
  readonly context: SecureContext;
  readonly caPem: string;
  readonly renewAtMs: number;
}

/** The certificates of a server, renewed and reloaded while it runs. Rejects with `validation` when files cannot be used. */
export async function openServerTls(parts: ServerTlsParts): Promise<ServerTls> {
  const follower = parts.own === undefined ? undefined : await CertificateFollower.open(parts.own);
  const served = await issue(parts);
  await parts.caFolder.publish(served.caPem);
  return new ServerTls(parts, follower, served);
}

export class ServerTls {
  readonly #parts: ServerTlsParts;
  readonly #follower: CertificateFollower | undefined;
  readonly #listeners: (() => void)[] = [];
  #served: Served;
  #lastProblem: string | undefined;

  constructor(parts: ServerTlsParts, follower: CertificateFollower | undefined, served: Served) {
    this.#parts = parts;
    this.#follower = follower;
    this.#served = served;
  }

  /** For clients that name no server: those that call an IP address. */
  get fallback(): { readonly cert: string; readonly key: string } {
    const { cert, key } = this.#served;
    return { cert, key };
  }

  /** At each handshake, so that a certificate may change between two. */
  contextFor(serverName: string): SecureContext {
    const own = this.#follower?.current;
    return own?.covers(serverName) === true ? own.context : this.#served.context;
  }

  /** Calls back whenever `fallback` has changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Takes in what has changed on disk, and renews what is due. What fails is told in the log, and what was there before goes on.
   * Not to be called again before it has resolved.
   */
  async refresh(): Promise<void> {
    try {
      await this.#refresh();
      this.#lastProblem = undefined;
    } catch (error) {
      const problem = messageOf(error);
      // Once, however often it is met again.
      if (problem !== this.#lastProblem)
        this.#parts.log.warn({ problem }, 'certificates are not up to date; those of before are served');
      this.#lastProblem = problem;
    }
  }

  async #refresh(): Promise<void> {
    const { clock, caFolder, log, own } = this.#parts;
    if ((await this.#follower?.refresh()) === true) log.info({ file: own?.certFile }, 'certificate reloaded');
    if (clock.now() >= this.#served.renewAtMs) {
      this.#served = await issue(this.#parts);
      for (const listener of this.#listeners) listener();
    }
    await caFolder.publish(this.#served.caPem);
  }
}

/** A new certificate under a new key. Neither is kept on disk: a server that starts makes its own. */
async function issue({ authority, names, clock, log }: ServerTlsParts): Promise<Served> {
  const nowMs = clock.now();
  const issuer = await findAuthority(authority, names, nowMs);
  const caPem = issuer.certificate.toString();
  if (issuer.isNew)
    log.info(
      { subject: issuer.certificate.subject },
      'a private CA was made; clients trust it with `berth trust`',
    );
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const untilMs = Math.min(nowMs + lifetimeMs - backdateMs, issuer.certificate.validToDate.getTime());
  const validity = { fromMs: nowMs - backdateMs, untilMs };
  const cert = makeServerCertificate(issuer, { names, publicKey, validity }).toString();
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  // At two thirds of its time, so that a failure to renew is noticed long before its end.
  const renewAtMs = nowMs + ((untilMs - nowMs) * 2) / 3;
  return { cert, key, context: createSecureContext({ cert, key }), caPem, renewAtMs };
}
