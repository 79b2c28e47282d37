import { join } from 'node:path';
import { auditedProof } from '../auth/audit/audited-proof.ts';
import { ControlPlane } from '../api/control-plane.ts';
import { createControlOperations } from '../api/control/control-operations.ts';
import { ResourcePolicies } from '../api/control/resource-policies.ts';
import { ResourceTagging } from '../api/control/resource-tagging.ts';
import { createDataPlane } from '../api/data/data-plane.ts';
import { TargetAuthenticator } from '../api/data/target-authenticator.ts';
import { Idempotency } from '../api/idempotency.ts';
import { authorizeInside, internalHandler } from '../api/internal-handler.ts';
import { knownActions } from '../api/known-actions.ts';
import { loadServiceOperations } from '../api/model/service-operation.ts';
import type { RateLimits } from '../api/rate-limits.ts';
import { RegistryApi } from '../api/registry/registry-api.ts';
import { RegistryLogin } from '../api/registry/registry-login.ts';
import { SpoolBudget } from '../api/spool-budget.ts';
import type { Config } from '../config/config.ts';
import type { BlobStore } from '../images/blob-store.ts';
import type { Events } from '../observability/events.ts';
import type { OtlpTraces } from '../observability/otlp/otlp-traces.ts';
import { RuntimeEndpoints } from '../runtimes/runtime-endpoints.ts';
import { Runtimes } from '../runtimes/runtimes.ts';
import type { SandboxOptions } from '../runtimes/sandbox-options.ts';
import { type NamedNetworks, namedNetworkProblem } from '../sandboxes/containerd/network/named-networks.ts';
import type { EngineReport, SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import { SessionAliases } from '../sessions/session-aliases.ts';
import { SqlSessionAliasStore } from '../sessions/sql-session-alias-store.ts';
import type { Clock } from '../shared/clock.ts';
import type { Steps } from '../shared/steps.ts';
import type { RandomSource } from '../shared/ids.ts';
import type { OpenDatabase } from '../storage/database.ts';
import { IdempotencyStore } from '../storage/idempotency-store.ts';
import type { Access } from './open-access.ts';
import type { Callers } from './open-callers.ts';
import type { Identity } from './open-identity.ts';
import type { openImages } from './open-images.ts';
import { optionProblem } from './require-isolation.ts';
import { openRoles } from './open-roles.ts';
import type { openRuntimes } from './open-runtimes.ts';

export interface ApisParts {
  readonly config: Config;
  readonly database: OpenDatabase;
  readonly callers: Callers;
  readonly access: Access;
  readonly blobs: BlobStore;
  readonly images: Pick<ReturnType<typeof openImages>, 'repositories' | 'repositoryStore' | 'uploads'>;
  readonly runtimes: Pick<ReturnType<typeof openRuntimes>, 'store' | 'targets' | 'sessions'>;
  readonly identity: Identity;
  readonly engine: Pick<EngineReport, 'isolations'>;
  readonly driver: Pick<SandboxDriver, 'hibernation'>;
  readonly networks: NamedNetworks;
  /** The address of the internal listener. */
  readonly internalHost: string;
  readonly rateLimits: RateLimits;
  readonly traces: OtlpTraces | undefined;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
  readonly events: Events;
  readonly clock: Clock;
  readonly random: RandomSource;
}

const gib = 1024 ** 3;

/** What callers call: both planes and the registry; and all that sandboxes call. */
export function openApis(parts: ApisParts) {
  const { config, database, identity, callers, images, rateLimits, events, clock, random } = parts;
  const { store, targets, sessions } = parts.runtimes;
  const { quotas } = config;
  const publicUrl = config.isPublicUrlSet ? config.publicUrl : undefined;
  const { authorize, sees, bindings, audit } = parts.access;
  const roles = openRoles({ callers, sessions, audit, gateway: parts.internalHost });
  const audited = { audit, roleOf: roles.roleOf };
  const signatures = roles.authenticator;
  const pipeline = {
    authenticator: { begin: auditedProof((head) => signatures.begin(head), audited) },
    ...{ authorize, clock, random, events },
  };

  const usual = config.engine.isolation;
  const problemOf = (options: SandboxOptions) => optionProblem(options, { ...parts, usual });
  const model = loadServiceOperations();
  const controlPlaneParts = {
    ...pipeline,
    model,
    operations: createControlOperations({
      runtimes: new Runtimes({ store, quotas, clock, random }),
      endpoints: new RuntimeEndpoints({ store, quotas, clock }),
      store,
      ...identity,
      tagging: new ResourceTagging({
        ...{ store, identities: identity.identityStore, providers: identity.providerStore },
        optionProblem: problemOf,
      }),
      policies: new ResourcePolicies({ store, knownActions: knownActions(), clock }),
      sees,
      audit,
      issuerProblem: callers.issuerProblem,
      networkProblem: (network) => namedNetworkProblem(parts.networks, network),
      optionProblem: problemOf,
    }),
    idempotency: new Idempotency({ store: new IdempotencyStore({ database }), clock }),
    rateLimits,
    quotas,
  };
  const controlPlane = new ControlPlane(controlPlaneParts);
  const byTarget = new TargetAuthenticator({ signatures, tokens: callers.tokens, publicUrl });
  const dataPlane = createDataPlane({
    ...pipeline,
    authenticator: { begin: auditedProof(byTarget.begin.bind(byTarget), audited) },
    publicUrl,
    traces: parts.traces,
    steps: parts.steps,
    scope: { accountId: config.accountId, region: config.region },
    audit,
    bindings,
    aliases: new SessionAliases({ store: new SqlSessionAliasStore({ database }) }),
    sessions,
    targets,
    agentTokens: identity.agentTokens,
    rateLimits,
    quotas,
    spool: {
      folder: join(config.home, 'spool'),
      budget: new SpoolBudget({ totalBytes: 2 * gib, perKeyBytes: gib, clock }),
      memoryBytes: 256 * 1024,
    },
  });
  const registry = new RegistryApi({
    login: new RegistryLogin({ authenticator: callers.registryLogins, publicUrl }),
    authorize,
    audit,
    repositories: images.repositories,
    store: images.repositoryStore,
    uploads: images.uploads,
    blobs: parts.blobs,
    clock,
    random,
    events,
  });
  const handleInternal = internalHandler({
    dataPlane,
    controlPlane: new ControlPlane({
      ...controlPlaneParts,
      authorize: authorizeInside({ rule: authorize, model, audit }),
    }),
    metadata: roles.metadata,
  });
  return { controlPlane, dataPlane, registry, handleInternal };
}
