import type { BindingCookie } from './binding-cookie.ts';

/** What the user's browser gets. */
export type BrowserAnswer =
  | { readonly kind: 'redirect'; readonly location: string; readonly cookie?: BindingCookie }
  | { readonly kind: 'page'; readonly page: ConsentPage }
  | { readonly kind: 'question'; readonly question: ConsentQuestion };

export type ConsentPage =
  | 'bad-link'
  | 'other-browser'
  | 'provider-failed'
  | 'provider-refused'
  | 'granted'
  | 'declined';

/** What only the one in front of the browser can tell, where no application looks who that is. */
export interface ConsentQuestion {
  readonly workload: string;
  readonly provider: string;
  readonly scopes: readonly string[];
  /** As the application calls the user who was asked. */
  readonly user: string;
  readonly callbackId: string;
  /** Comes back with the answer. */
  readonly state: string;
}

export const badLink: BrowserAnswer = { kind: 'page', page: 'bad-link' };
