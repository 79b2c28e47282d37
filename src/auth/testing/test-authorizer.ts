import type { AccessFacts } from '../access-facts.ts';
import { type Authorize, createAuthorizer } from '../authorize.ts';
import type { Audit } from '../audit/audit.ts';
import { FakeAudit } from './fake-audit.ts';

/** No runtime has a tag or a policy. */
export const noFacts: AccessFacts = { find: () => undefined };

/** The real rules, by role alone where `facts` says nothing; what is decided goes nowhere unless `audit` is given. */
export function testAuthorizer(
  parts: { readonly facts?: AccessFacts; readonly audit?: Audit; readonly nowMs?: number } = {},
): Authorize {
  const { facts = noFacts, audit = new FakeAudit(), nowMs = 0 } = parts;
  return createAuthorizer({ facts, audit, clock: { now: () => nowMs } });
}
