import assert from 'node:assert/strict';
import type { KeyPrincipal } from '../../../auth/principal.ts';
import { invalidConsent } from '../../../identity/oauth/consent.ts';
import { ProviderFixture } from '../../../identity/testing/provider-fixture.ts';
import {
  createSqlWorkloadIdentityStore,
  workloadIdentityRows,
} from '../../../identity/sql-workload-identity-store.ts';
import { createSqlVault } from '../../../identity/vault/sql-vault.ts';
import { moveDataKeysJob } from '../../../identity/vault/sql-vault-store.ts';
import { tokensUnderTest, type TokensUnderTestOptions } from '../../../identity/testing/tokens-under-test.ts';
import type { WorkloadTokens } from '../../../identity/tokens/workload-token.ts';
import { WorkloadIdentities } from '../../../identity/workload-identities.ts';
import { providerArn, workloadIdentityArn } from '../../../runtimes/arns.ts';
import { createCachedInvocationTargets } from '../../../runtimes/cached-invocation-targets.ts';
import { RuntimeEndpoints } from '../../../runtimes/runtime-endpoints.ts';
import { handleRuntimeJobs } from '../../../runtimes/handle-runtime-jobs.ts';
import { Runtimes } from '../../../runtimes/runtimes.ts';
import { servedAuthorizers } from '../../../runtimes/served-authorizers.ts';
import { createSqlRuntimeStore } from '../../../runtimes/sql-runtime-store.ts';
import type { WorkloadClaims } from '../../../identity/tokens/workload-token.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { BerthError } from '../../../shared/errors.ts';
import { type AccountId, type Scope, systemRandom } from '../../../shared/ids.ts';
import { type OpenDatabase, openDatabase } from '../../../storage/database.ts';
import { JobQueue } from '../../../storage/job-queue.ts';
import { createSealedBox } from '../../../storage/sealed-box.ts';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import type { OperationContext } from '../../operation.ts';
import { type ControlOperationParts, createControlOperations } from '../control-operations.ts';
import type { IssuerProblem } from '../jwt-authorizer-settings.ts';
import type { NetworkProblem } from '../network-settings.ts';
import type { OptionProblem } from '../new-tags.ts';
import { FakeAudit } from '../../../auth/testing/fake-audit.ts';
import { createSees } from '../../../auth/sees.ts';
import { knownActions } from '../../known-actions.ts';
import { createStoredAccessFacts } from '../../stored-access-facts.ts';
import { ResourcePolicies } from '../resource-policies.ts';
import { ResourceTagging } from '../resource-tagging.ts';
import { FakePreparation } from './fake-preparation.ts';

export interface FixtureOptions {
  readonly database?: OpenDatabase;
  readonly clock?: FakeClock;
  readonly preparation?: FakePreparation;
  readonly quotas?: Partial<typeof generousQuotas>;
  readonly issuerProblem?: IssuerProblem;
  readonly networkProblem?: NetworkProblem;
  readonly optionProblem?: OptionProblem;
  /** Of external secrets. */
  readonly secretsFolder?: string;
  /** Of users' tokens. */
  readonly issuers?: Pick<TokensUnderTestOptions, 'issuerTokens' | 'trustedIssuers'>;
}

const generousQuotas = {
  runtimes: 1_000,
  versionsPerRuntime: 1_000,
  endpointsPerRuntime: 10,
  workloadIdentities: 1_000,
  oauthProviders: 1_000,
  apiKeyProviders: 1_000,
  managedSecrets: 1_000,
};

/** The control plane's operations over a real database and job queue; images and sessions are a test's. */
export async function controlFixture(options: FixtureOptions = {}) {
  const database = options.database ?? (await openDatabase(':memory:'));
  const clock = options.clock ?? new FakeClock();
  const preparation = options.preparation ?? new FakePreparation();
  const quotas = { ...generousQuotas, ...options.quotas };
  const random = systemRandom;
  const endedSessions: string[] = [];
  const sessions = {
    endAll: async (runtimeId: string, version?: number): Promise<void> => {
      endedSessions.push(version === undefined ? runtimeId : `${runtimeId} ${version}`);
    },
  };
  const runtimeEvents: string[] = [];
  const events = {
    versionReady: () => void runtimeEvents.push('ready'),
    versionFailed: () => void runtimeEvents.push('failed'),
    runtimeDeleted: () => void runtimeEvents.push('deleted'),
    deleteFailed: () => void runtimeEvents.push('delete-failed'),
    jobFailed: () => void runtimeEvents.push('job-failed'),
    jobQueueStalled: (error: unknown) => assert.fail(String(error)),
  };
  const jobs = new JobQueue({ database, clock, random, holder: 'server', events });
  const store = createSqlRuntimeStore({ database, identities: workloadIdentityRows, jobs });
  const preparer = handleRuntimeJobs({
    store,
    preparation,
    isolationOf: async () => 'runc',
    sessions,
    events,
    clock,
    handle: jobs.handle.bind(jobs),
  });
  const optionProblem = options.optionProblem ?? (() => undefined);
  const identityStore = createSqlWorkloadIdentityStore({ database });
  const identity = new ProviderFixture({
    ...{ database, clock, quotas, random, arnOf: providerArn },
    secretsFolder: options.secretsFolder,
  });
  const vault = createSqlVault({
    database,
    jobs,
    sealedBox: createSealedBox(new Uint8Array(32)),
    transit: undefined,
    userOf: async () => undefined,
    clock,
    random,
  });
  jobs.handle(moveDataKeysJob, (scope, { signal }) => vault.tokenVault.moveDataKeys(scope as Scope, signal));
  const tokens = await tokensUnderTest({
    ...options.issuers,
    database,
    clock,
    authorizersOf: (runtimeId) => servedAuthorizers(store, runtimeId),
  });
  const scope = { accountId: caller.principal.accountId, region: caller.principal.region };
  const facts = createStoredAccessFacts({ scope, store, knownActions: knownActions() });
  const keptUserTokens: { readonly claims: WorkloadClaims; readonly userToken: string }[] = [];
  const audit = new FakeAudit();
  const parts: ControlOperationParts = {
    // The OAuth flows have a fixture of their own.
    resourceTokens: { get: () => assert.fail('no OAuth flow was expected') },
    completeConsent: () => Promise.reject(invalidConsent()),
    subjectTokens: { keep: async (claims, userToken) => void keptUserTokens.push({ claims, userToken }) },
    ...identity.parts,
    workloadTokens: eitherTokens(identity.parts.workloadTokens, tokens.workloadTokens),
    userTokens: tokens.userTokens,
    callbackBase: 'https://berth.example/identities/oauth2/callback',
    runtimes: new Runtimes({ store, quotas, clock, random }),
    endpoints: new RuntimeEndpoints({ store, quotas, clock }),
    store,
    identities: new WorkloadIdentities({
      store: identityStore,
      quotas,
      clock,
      random,
      arnOf: workloadIdentityArn,
    }),
    tokenVault: vault.tokenVault,
    tagging: new ResourceTagging({
      ...{ store, identities: identityStore, providers: identity.store },
      optionProblem,
    }),
    policies: new ResourcePolicies({ store, knownActions: knownActions(), clock }),
    sees: createSees(facts),
    audit,
    issuerProblem: options.issuerProblem ?? (() => undefined),
    networkProblem: options.networkProblem ?? (() => undefined),
    optionProblem,
  };
  const operations = createControlOperations(parts);
  const targets = createCachedInvocationTargets(store);
  jobs.start();
  return {
    ...{ database, clock, preparation, parts, operations, targets, store, facts, preparer, jobs },
    ...{ audit, keptUserTokens, endedSessions, sessions, runtimeEvents, identity, vault, tokens },
    /** Lets all work that is due be done. */
    settle: () => jobs.settled(),
    async [Symbol.asyncDispose]() {
      await jobs[Symbol.asyncDispose]();
    },
  };
}

/** Those that a test makes up, besides real ones. */
function eitherTokens(madeUp: WorkloadTokens, real: WorkloadTokens): WorkloadTokens {
  return {
    issue: (claims) => real.issue(claims),
    verify: (scope, token) => madeUp.verify(scope, token).catch(() => real.verify(scope, token)),
  };
}

export type ControlFixture = Awaited<ReturnType<typeof controlFixture>>;

/** The caller of most tests. */
export const caller = contextOf('111122223333', 'us-east-1');

export function contextOf(
  accountId: string,
  region: string,
): OperationContext & { readonly principal: KeyPrincipal } {
  const principal: KeyPrincipal = {
    kind: 'access-key',
    accountId: accountId as AccountId,
    region,
    accessKeyId: 'AKIATEST',
    role: 'admin',
  };
  return { principal, requestId: 'request', signal: new AbortController().signal };
}

/** The least that CreateAgentRuntime and UpdateAgentRuntime want. */
export function settingsOf(containerUri: string) {
  return {
    agentRuntimeArtifact: { containerConfiguration: { containerUri } },
    roleArn: 'arn:aws:iam::111122223333:role/agent',
  };
}

/** A runtime that is READY, with its id. */
export async function readyRuntime(
  fixture: ControlFixture,
  name = 'echo',
  image = 'echo:v1',
): Promise<string> {
  const { agentRuntimeId } = await fixture.operations.CreateAgentRuntime(
    { agentRuntimeName: name, ...settingsOf(image) },
    caller,
  );
  await fixture.settle();
  return agentRuntimeId;
}

/** For assert.rejects: a failure with this code whose message says `pattern`. */
export function failure(code: ErrorCode, pattern: RegExp = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof BerthError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  };
}
