import type { AccountId } from '../../shared/ids.ts';
import type { Database } from '../../storage/database.ts';
import type { OauthConsentRow } from '../../storage/tables.ts';
import type { Consent, ConsentState, ConsentStore } from './consent.ts';
import { putGrant } from './sql-grant-store.ts';

export function createSqlConsentStore({ database }: { readonly database: Database }): ConsentStore {
  const change = async (
    on: Database,
    id: string,
    from: readonly ConsentState[],
    columns: Partial<OauthConsentRow>,
    stateDigest?: string,
  ): Promise<boolean> => {
    let query = on.updateTable('oauth_consents').where('consent_id', '=', id).where('state', 'in', from);
    if (stateDigest !== undefined) query = query.where('state_digest', '=', stateDigest);
    return (await query.set(columns).executeTakeFirst()).numUpdatedRows > 0n;
  };
  const select = () => database.selectFrom('oauth_consents').selectAll();
  return {
    insert: (consent, limits, nowMs) =>
      database.transaction().execute(async (transaction) => {
        await removeOldest(transaction, consent, limits.ofUser - 1);
        const { waiting } = await transaction
          .selectFrom('oauth_consents')
          .select((select) => select.fn.countAll<number>().as('waiting'))
          .where('account_id', '=', consent.accountId)
          .where('region', '=', consent.region)
          .where('workload', '=', consent.workload)
          .where('expires_at', '>', nowMs)
          .executeTakeFirstOrThrow();
        if (waiting >= limits.ofWorkload) return false;
        await transaction.insertInto('oauth_consents').values(fromConsent(consent)).execute();
        return true;
      }),
    async find(id) {
      const row = await select().where('consent_id', '=', id).executeTakeFirst();
      return row && toConsent(row);
    },
    async findByLink(linkDigest) {
      const row = await select().where('link_digest', '=', linkDigest).executeTakeFirst();
      return row && toConsent(row);
    },
    async findByState(stateDigest) {
      const row = await select().where('state_digest', '=', stateDigest).executeTakeFirst();
      return row && toConsent(row);
    },
    send: (id, { stateDigest, cookieDigest, sealedExchange }) =>
      change(database, id, ['asked', 'sent'], {
        state: 'sent',
        state_digest: stateDigest,
        cookie_digest: cookieDigest,
        sealed_exchange: sealedExchange,
      }),
    take: (id, stateDigest) => change(database, id, ['sent'], { state: 'taken' }, stateDigest),
    answer: (id, sealedTokens) =>
      change(database, id, ['taken'], {
        state: 'answered',
        sealed_exchange: null,
        sealed_tokens: sealedTokens,
      }),
    bind: (id, key, grant, nowMs) =>
      database.transaction().execute(async (transaction) => {
        const bound = { state: 'bound', sealed_tokens: null } as const;
        if (!(await change(transaction, id, ['answered'], bound))) return false;
        await putGrant(transaction, key, grant, nowMs);
        return true;
      }),
    async fail(id) {
      const gone = { sealed_exchange: null, sealed_tokens: null };
      await change(database, id, ['asked', 'sent', 'taken', 'answered'], { state: 'failed', ...gone });
    },
    async removeOfProvider(providerId) {
      await database.deleteFrom('oauth_consents').where('provider_id', '=', providerId).execute();
    },
    async removeExpired(beforeMs) {
      await database.deleteFrom('oauth_consents').where('expires_at', '<', beforeMs).execute();
    },
  };
}

/** Of this user and workload; the newest stay. */
async function removeOldest(
  transaction: Database,
  { accountId, region, workload, userDigest }: Consent,
  staying: number,
): Promise<void> {
  const older = transaction
    .selectFrom('oauth_consents')
    .select('consent_id')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('workload', '=', workload)
    .where('user_digest', '=', userDigest)
    .orderBy('expires_at', 'desc')
    .orderBy('consent_id')
    // SQLite has no offset without a limit.
    .limit(1_000_000)
    .offset(staying);
  await transaction.deleteFrom('oauth_consents').where('consent_id', 'in', older).execute();
}

function fromConsent(consent: Consent): OauthConsentRow {
  return {
    consent_id: consent.id,
    link_digest: consent.linkDigest,
    user_digest: consent.userDigest,
    account_id: consent.accountId,
    region: consent.region,
    workload: consent.workload,
    provider_id: consent.providerId,
    callback_id: consent.callbackId,
    grant_id: consent.grantId,
    state: consent.state,
    state_digest: null,
    cookie_digest: consent.cookieDigest ?? null,
    sealed_request: consent.sealedRequest,
    sealed_exchange: consent.sealedExchange ?? null,
    sealed_tokens: consent.sealedTokens ?? null,
    expires_at: consent.expiresAtMs,
  };
}

function toConsent(row: OauthConsentRow): Consent {
  return {
    accountId: row.account_id as AccountId,
    region: row.region,
    id: row.consent_id,
    linkDigest: row.link_digest,
    userDigest: row.user_digest,
    workload: row.workload,
    providerId: row.provider_id,
    callbackId: row.callback_id,
    grantId: row.grant_id,
    state: row.state as ConsentState,
    cookieDigest: row.cookie_digest ?? undefined,
    sealedRequest: row.sealed_request,
    sealedExchange: row.sealed_exchange ?? undefined,
    sealedTokens: row.sealed_tokens ?? undefined,
    expiresAtMs: row.expires_at,
  };
}
