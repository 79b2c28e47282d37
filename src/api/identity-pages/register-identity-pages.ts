import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../../auth/audit/audit.ts';
import type { BindingCookie, CookieOf } from '../../identity/oauth/binding-cookie.ts';
import { badLink, type BrowserAnswer, type ConsentPage } from '../../identity/oauth/browser-answer.ts';
import type { BrowserConsents } from '../../identity/oauth/browser-consents.ts';
import type { ConfirmConsent } from '../../identity/oauth/confirm-consent.ts';
import type { RandomSource } from '../../shared/ids.ts';
import { accessContextOf } from '../access-context-of.ts';
import type { Failures } from '../errors.ts';
import { newRequestId } from '../request-id.ts';
import { consentPage, formHeaders, pageHeaders, questionPage, redirectPage } from './consent-pages.ts';

export interface IdentityPagesParts {
  readonly browserConsents: Pick<BrowserConsents, 'begin' | 'end'>;
  readonly confirmConsent: ConfirmConsent;
  /** Says whether cookies are for TLS only, and below which path the pages are. */
  readonly publicUrl: string;
  readonly audit: Pick<Audit, 'unproven'>;
  readonly failures: Failures;
  readonly random: RandomSource;
}

interface ToCallback {
  readonly Params: { readonly callbackId: string };
}

/** Bytes; the only form has a state and a word. */
const longestForm = 4_096;

/** Where users' browsers come by on their way to a provider and back. Nobody signs these requests: what they carry is the proof. */
export function registerIdentityPages(app: FastifyInstance, parts: IdentityPagesParts): void {
  const { browserConsents, confirmConsent, publicUrl, audit, failures, random } = parts;
  const cookies = cookiesOf(publicUrl);
  const answer = async (request: FastifyRequest, reply: FastifyReply, run: () => Promise<BrowserAnswer>) => {
    const requestId = newRequestId(random);
    reply.headers({ ...pageHeaders, 'x-amzn-requestid': requestId });
    try {
      const found = await run();
      const reason = found.kind === 'page' ? refusals[found.page] : undefined;
      if (reason !== undefined) audit.unproven({ ...refused(request, requestId), reason });
      return sendAnswer(reply, cookies, found);
    } catch (error) {
      failures.unexpected({ requestId, error });
      const { status, html } = consentPage('server-failed');
      return reply.code(status).send(html);
    }
  };
  // A HEAD would make the browser's own state anew.
  const options = { exposeHeadRoute: false };
  app.get('/identities/oauth2/authorize', options, (request, reply) =>
    answer(request, reply, () => browserConsents.begin(queryOf(request).get('request_uri') ?? '')),
  );
  /** The cookie has served once there is nothing left to ask. */
  const answerBound = (
    request: FastifyRequest,
    reply: FastifyReply,
    run: (cookieOf: CookieOf) => Promise<BrowserAnswer>,
  ) =>
    answer(request, reply, async () => {
      let shown: string | undefined;
      const given = await run((name) => {
        const value = cookies.read(request, name);
        if (value !== undefined) shown = name;
        return value;
      });
      if (shown !== undefined && given.kind !== 'question')
        reply.header('set-cookie', cookies.write({ name: shown, value: '', maxAgeS: 0 }));
      return given;
    });
  app.get<ToCallback>('/identities/oauth2/callback/:callbackId', options, (request, reply) =>
    answerBound(request, reply, (cookieOf) =>
      browserConsents.end(request.params.callbackId, queryOf(request), cookieOf),
    ),
  );
  // Where nobody is sent: the page that asks is the callback's own.
  app.get('/identities/oauth2/done', options, (request, reply) =>
    answer(request, reply, async () => badLink),
  );
  app.register(async (forms) => {
    forms.removeAllContentTypeParsers();
    forms.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: longestForm },
      (_request, body, done) => done(null, body),
    );
    forms.setErrorHandler((_error, request, reply) => answer(request, reply, async () => badLink));
    forms.post<ToCallback>('/identities/oauth2/callback/:callbackId', (request, reply) =>
      answerBound(request, reply, (cookieOf) =>
        confirmConsent(request.params.callbackId, new URLSearchParams(String(request.body)), cookieOf),
      ),
    );
  });
}

/** What a link that somebody else was to follow comes to; a provider's failures are in the server's log. */
const refusals: Partial<Readonly<Record<ConsentPage, string>>> = {
  'bad-link': 'a link of a consent that is over, was used before or never was',
  'other-browser': 'a consent that another browser began',
};

/** Without the query, which holds the secrets of a consent. */
function refused({ raw }: FastifyRequest, requestId: string) {
  const { sourceIp } = accessContextOf(raw, requestId);
  const resource = (raw.url ?? '').split('?', 1).join('');
  return { action: 'berth:GrantConsent', resource, accessKeyId: undefined, requestId, sourceIp };
}

function sendAnswer(
  reply: FastifyReply,
  cookies: ReturnType<typeof cookiesOf>,
  answer: BrowserAnswer,
): FastifyReply {
  if (answer.kind === 'page') {
    const { status, html } = consentPage(answer.page);
    return reply.code(status).send(html);
  }
  if (answer.kind === 'question') {
    const { status, html } = questionPage(answer.question);
    return reply.headers(formHeaders).code(status).send(html);
  }
  const { location, cookie } = answer;
  if (cookie !== undefined) reply.header('set-cookie', cookies.write(cookie));
  return reply.code(302).header('location', location).send(redirectPage(location));
}

/** `Lax`, since the way back from the provider is a link from another site. */
function cookiesOf(publicUrl: string) {
  const { protocol, pathname } = new URL(publicUrl);
  const isSecure = protocol === 'https:';
  const prefix = isSecure ? '__Secure-' : '';
  const path = `${pathname.replace(/\/$/, '')}/identities/oauth2/callback/`;
  return {
    read({ headers }: FastifyRequest, name: string): string | undefined {
      const wanted = `${prefix}${name}=`;
      const pairs = (headers.cookie ?? '').split(/; */);
      return pairs.find((pair) => pair.startsWith(wanted))?.slice(wanted.length);
    },
    write: ({ name, value, maxAgeS }: BindingCookie): string =>
      `${prefix}${name}=${value}; Path=${path}; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`,
  };
}

function queryOf({ raw }: FastifyRequest): URLSearchParams {
  return new URLSearchParams((raw.url ?? '').split('?').slice(1).join('?'));
}
