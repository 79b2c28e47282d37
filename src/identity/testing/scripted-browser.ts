/** One page, or the URL at which a test told the browser to stop. */
export interface Visited {
  readonly url: string;
  /** 0: it stopped before. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Follows redirects, keeps cookies as browsers do (whatever the port), and submits the forms of a test's provider. */
export class ScriptedBrowser {
  readonly cookies = new Map<string, { readonly value: string; readonly path: string }>();
  /** URLs that it does not go to. */
  stopAt: string;

  constructor({ stopAt }: { readonly stopAt: string }) {
    this.stopAt = stopAt;
  }

  async visit(url: string, options: RequestInit = {}): Promise<Visited> {
    if (url.startsWith(this.stopAt)) return { url, status: 0, headers: new Headers(), body: '' };
    const answer = await this.fetch(url, options);
    const location = answer.headers.get('location');
    if (location !== null && answer.status >= 300 && answer.status < 400) {
      await answer.body?.cancel();
      return this.visit(new URL(location, url).href);
    }
    return { url, status: answer.status, headers: answer.headers, body: await answer.text() };
  }

  /** One request, with cookies and without following. */
  async fetch(url: string, options: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url);
    const sent = [...this.cookies].filter(([, { path }]) => pathname.startsWith(path));
    const cookie = sent.map(([name, { value }]) => `${name}=${value}`).join('; ');
    const headers = { ...(options.headers as Record<string, string>), ...(cookie !== '' && { cookie }) };
    const answer = await fetch(url, { ...options, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return answer;
  }

  /** The page's form, with its hidden inputs. */
  async submit(page: Visited, fields: Readonly<Record<string, string>> = {}): Promise<Visited> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.body)?.[1];
    if (action === undefined) throw new Error(`There is no form at ${page.url}: ${page.status} ${page.body}`);
    const hidden = [...page.body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const inputs = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]));
    const body = new URLSearchParams({ ...inputs, ...fields });
    return this.visit(new URL(action, page.url).href, { method: 'POST', body });
  }

  /** Logs in where it is asked to and agrees to all; `url` is an authorization URL. */
  async agree(url: string, user = 'alice'): Promise<Visited> {
    let page = await this.visit(url);
    for (let step = 0; step < 4 && page.body.includes('<form'); step += 1)
      page = await this.submit(
        page,
        page.body.includes('name="login"') ? { login: user, password: 'x' } : {},
      );
    return page;
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const name = pair.slice(0, pair.indexOf('='));
    const path = attributes.find((text) => /^path=/i.test(text))?.slice(5) ?? '/';
    const isOver = attributes.some(
      (text) => /^max-age=0$/i.test(text) || /^expires=Thu, 01 Jan 1970/i.test(text),
    );
    if (isOver) this.cookies.delete(name);
    else this.cookies.set(name, { value: pair.slice(name.length + 1), path });
  }
}
