import { decodeJwt } from 'jose';
import { z } from 'zod';
import type { AccountId, RuntimeId, SessionId } from '../../shared/ids.ts';
import type { WorkloadClaims, WorkloadUser } from './workload-token.ts';

/** What is signed. Names are short and what is not there is left out: agents get two copies with every call. */
const payloadSchema = z.object({
  acc: z.string(),
  reg: z.string(),
  /** The workload's name, and which incarnation of that name. */
  sub: z.string(),
  inc: z.string(),
  usr: z
    .union([
      z.tuple([z.enum(['user', 'client']), z.string(), z.string()]),
      z.tuple([z.literal('named'), z.string()]),
    ])
    .optional(),
  ses: z.tuple([z.string(), z.string(), z.number().int()]).optional(),
  act: z.array(z.string()).optional(),
});

export type TokenPayload = z.infer<typeof payloadSchema>;

export function toPayload(claims: WorkloadClaims, incarnation: string): TokenPayload {
  const { accountId, region, workload, user, session, actors = [] } = claims;
  return {
    acc: accountId,
    reg: region,
    sub: workload,
    inc: incarnation,
    ...(user !== undefined && { usr: writeUser(user) }),
    ...(session !== undefined && { ses: [session.runtimeId, session.sessionId, session.incarnation] }),
    ...(actors.length > 0 && { act: [...actors] }),
  };
}

/** Undefined when it is not what `toPayload` makes: another version of Berth may have made it. */
export function fromPayload(
  payload: unknown,
): (WorkloadClaims & { readonly identityIncarnation: string }) | undefined {
  const { success, data } = payloadSchema.safeParse(payload);
  if (!success) return undefined;
  const { acc, reg, sub, inc, usr, ses, act = [] } = data;
  return {
    accountId: acc as AccountId,
    region: reg,
    workload: sub,
    identityIncarnation: inc,
    user: usr && readUser(usr),
    session: ses && {
      runtimeId: ses[0] as RuntimeId,
      sessionId: ses[1] as SessionId,
      incarnation: ses[2],
    },
    actors: act,
  };
}

/** What a token says that was proven already, or has just been made; undefined when other tokens than these are in use. */
export function claimsOfProven(token: string): WorkloadClaims | undefined {
  try {
    return fromPayload(decodeJwt(token));
  } catch {
    return undefined;
  }
}

function writeUser(user: WorkloadUser): NonNullable<TokenPayload['usr']> {
  return user.kind === 'named' ? ['named', user.userId] : [user.kind, user.issuer, user.subject];
}

function readUser(written: NonNullable<TokenPayload['usr']>): WorkloadUser {
  return written[0] === 'named'
    ? { kind: 'named', userId: written[1] }
    : { kind: written[0], issuer: written[1], subject: written[2] };
}
