import { type BerthError, invalidField } from '../../shared/errors.ts';
import type { WorkloadIdentityStore } from '../workload-identity-store.ts';
import type { Consent } from './consent.ts';

/** Why an application cannot be returned to by this URL, or undefined. */
export function returnUrlProblem(url: string): string | undefined {
  const scheme = URL.parse(url)?.protocol;
  if (scheme === undefined) return 'The return URL is no URL: expected the address of a page or an app.';
  if (!refusedSchemes.has(scheme)) return undefined;
  return `A browser is not sent to a URL that begins with ${scheme}: expected the address of a page or an app.`;
}

/** They make a browser run or show the text itself. */
const refusedSchemes = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'blob:',
  'file:',
  'about:',
  'view-source:',
]);

/**
 * The URL as wished, or else the identity's first. Throws `validation` unless its list has the very URL: nothing is left out or added, since
 * what follows a prefix may belong to somebody else (RFC 9700, 2.1). There is no consent without one: only the application to which a
 * browser comes back can tell whether the user who was asked is in front of it, unless the list leaves that to Berth's own page.
 */
export function returnUrlOf(
  wished: string | undefined,
  allowed: readonly string[],
  { workload, publicUrl }: { readonly workload: string; readonly publicUrl: string },
): string {
  const url = wished ?? allowed[0];
  if (url === undefined) throw noReturnUrl(workload, ownReturnUrl(publicUrl));
  if (isReturnUrl(url, allowed)) return url;
  throw invalidField(
    'resourceOauth2ReturnUrl',
    `The return URL is not one of workload identity ${workload}. Add exactly this URL to its allowedResourceOauth2ReturnUrls (UpdateWorkloadIdentity), or use one that is there.`,
  );
}

function isReturnUrl(url: string, allowed: readonly string[]): boolean {
  return returnUrlProblem(url) === undefined && allowed.includes(url);
}

/** Berth's own page, where whoever is in front of the browser says whether they are the user who was asked. */
export function ownReturnUrl(publicUrl: string): string {
  return `${publicUrl}/identities/oauth2/done`;
}

/** Whether the workload identity still has it on its list, which may have changed since the user was asked. */
export async function mayReturnTo(
  url: string,
  consent: Consent,
  { identities }: { readonly identities: Pick<WorkloadIdentityStore, 'find'> },
): Promise<boolean> {
  const identity = await identities.find(consent, consent.workload);
  return isReturnUrl(url, identity?.returnUrls ?? []);
}

function noReturnUrl(workload: string, own: string): BerthError {
  return invalidField(
    'resourceOauth2ReturnUrl',
    `Workload identity ${workload} has no return URL, so that nobody could tell who granted. Add the page of your application that calls CompleteResourceTokenAuth to its allowedResourceOauth2ReturnUrls (UpdateWorkloadIdentity), or ${own}, a page of Berth's that asks who is there.`,
  );
}

/** The return URL with what tells the application which consent this is. */
export function returnLocation(
  url: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const location = new URL(url);
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) location.searchParams.set(name, value);
  return location.href;
}
