import { createHash } from 'node:crypto';
import type { ConsentPage, ConsentQuestion } from '../../identity/oauth/browser-answer.ts';

export interface HtmlPage {
  readonly status: number;
  readonly html: string;
}

interface PageText {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

/** Each is a fixed text: nothing that came with the request, or from a provider, is in it. */
const texts: Readonly<Record<ConsentPage | 'server-failed', PageText>> = {
  'bad-link': {
    status: 400,
    title: 'This link is no longer valid',
    text: 'It has expired, was used before, or is not complete. Go back to your application and ask for a new one.',
  },
  'other-browser': {
    status: 403,
    title: 'This link belongs to another browser',
    text: 'Access can be granted only in the browser in which it was begun, with cookies allowed. If you did not begin it, close this window: somebody may have sent you their link. Otherwise go back to your application and ask for a new one.',
  },
  'provider-failed': {
    status: 502,
    title: 'The service does not answer',
    text: 'The service that you were asked to grant access to cannot be reached at the moment. Try again later.',
  },
  'provider-refused': {
    status: 400,
    title: 'The service refuses',
    text: 'The service that you were asked to grant access to does not accept the request as it is set up. Tell those who run your application.',
  },
  granted: {
    status: 200,
    title: 'Access granted',
    text: 'You can close this window and go back to your application.',
  },
  declined: {
    status: 200,
    title: 'No access granted',
    text: 'Nothing was kept of what you agreed to at the service. You can close this window.',
  },
  'server-failed': {
    status: 500,
    title: 'Something went wrong here',
    text: 'Try again later. If it stays like this, tell those who run your application.',
  },
};

const style =
  'body{font:1.125rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0}main{max-width:36rem;margin:15vh auto 0;padding:0 1.5rem}h1{font-size:1.5rem;line-height:1.25}a{color:#0b57d0}@media(prefers-color-scheme:dark){body{color:#eee;background:#121212}a{color:#a8c7fa}}button{font:inherit;margin:.5rem 1rem 0 0;padding:.5rem 1.25rem}';

/** Of every answer to a browser: no script, no frame, no form but to us where we ask, no copy, and no address of ours told to others. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': policyWith("form-action 'none'"),
  'content-type': 'text/html; charset=utf-8',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export const formHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policyWith("form-action 'self'"),
};

export function consentPage(page: ConsentPage | 'server-failed'): HtmlPage {
  const { status, title, text } = texts[page];
  return { status, html: document(title, `<p>${text}</p>`) };
}

/** Asks whoever is in front of the browser; nothing of it comes from a provider. */
export function questionPage({
  workload,
  provider,
  scopes,
  user,
  callbackId,
  state,
}: ConsentQuestion): HtmlPage {
  const [agent, service, person] = [workload, provider, user].map(escaped);
  const listed = scopes.map((scope) => `<li>${escaped(scope)}</li>`).join('');
  const wanted = scopes.length === 0 ? '' : `<p>It asks for:</p>\n<ul>${listed}</ul>\n`;
  const body = `<p>The agent <strong>${agent}</strong> asks for access to your account at <strong>${service}</strong>, to use it for the user <strong>${person}</strong>.</p>
${wanted}<p>Allow it only if you are that user and have just asked for this yourself. If somebody sent you the link, do not: they would get access to your account.</p>
<form method="post" action="${escaped(callbackId)}">
<input type="hidden" name="state" value="${escaped(state)}">
<button name="decision" value="refuse">Do not allow</button>
<button name="decision" value="allow">Allow</button>
</form>`;
  return { status: 200, html: document('Allow access?', body) };
}

/** For browsers that do not go by themselves. */
export function redirectPage(location: string): string {
  const link = /^https?:/.test(location)
    ? `<p><a href="${escaped(location)}">Go on if nothing happens</a></p>`
    : '<p>You can close this window.</p>';
  return document('One moment', link);
}

function policyWith(formAction: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; ${formAction}; frame-ancestors 'none'`;
}

function document(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
