/** What one HTTP call gave, as far as a browser cares. */
export type Answer = {
  readonly status: number;
  readonly location: string | null;
  readonly cookies: readonly string[];
  readonly text: string;
};
export type Send = (
  method: 'GET' | 'POST',
  address: string,
  call: { readonly cookie: string; readonly form: Readonly<Record<string, string>> | null },
) => Promise<Answer>;

/** Where a browser stands: on a page, or sent on to an address outside the simulator. */
export type Place = { readonly address: string; readonly status: number; readonly text: string };

const unescape = (text: string) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** Follows redirects inside the simulator, keeps cookies, sends forms. It knows no script, like the pages. */
export const createBrowser = (send: Send) => {
  const cookies = new Map<string, string>();
  let place: Place = { address: '', status: 0, text: '' };
  const isInside = (address: string) => address.startsWith('/') || new URL(address).origin === new URL(home).origin;
  let home = 'http://simulator.invalid';
  const go = async (
    method: 'GET' | 'POST',
    address: string,
    form: Readonly<Record<string, string>> | null = null,
  ): Promise<Place> => {
    const absolute = new URL(address, place.address || home).href;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await send(method, absolute, { cookie, form });
    for (const line of answer.cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    place = { address: absolute, status: answer.status, text: answer.text };
    if (answer.location === null) return place;
    const target = new URL(answer.location, absolute).href;
    if (isInside(target)) return go('GET', target);
    place = { address: target, status: answer.status, text: '' };
    return place;
  };
  /** Forms of the page, in order: their action and hidden fields. */
  const forms = () =>
    [...place.text.matchAll(/<form[^>]*?action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].map(
      ([, action = '', body = '']) => ({
        action: unescape(action),
        body,
        hidden: Object.fromEntries(
          [...body.matchAll(/<input\s+type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"/g)].map(
            ([, name = '', value = '']) => [name, unescape(value)],
          ),
        ),
      }),
    );
  const submit = (ending: string, fields: Readonly<Record<string, string>>): Promise<Place> => {
    const form = forms().find(
      ({ action, body }) =>
        action.endsWith(ending) &&
        Object.values(fields).every((value) => ending !== '/account' || body.includes(value)),
    );
    if (form === undefined)
      throw new Error(`no form ${ending} on the page: ${place.text.replaceAll(/\s+/g, ' ').slice(-900)}`);
    return go('POST', form.action, { ...form.hidden, ...fields });
  };
  return {
    open: (address: string) => {
      home = new URL(address).origin;
      place = { address: '', status: 0, text: '' };
      return go('GET', address);
    },
    place: () => place,
    /** Chooses a person by id, after searching for them. */
    choose: async (userId: string, search: string) => {
      await go('GET', `${new URL(place.address).pathname}?search=${encodeURIComponent(search)}`);
      return submit('/account', { user: userId });
    },
    other: () => submit('/other', {}),
    decide: (decision: 'accept' | 'refuse' | 'leave' | 'ask', fields: Readonly<Record<string, string>> = {}) =>
      submit('/consent', { decision, ...fields }),
    hidden: () => forms()[0]?.hidden ?? {},
  };
};

export type Browser = ReturnType<typeof createBrowser>;

/** Over the network. */
export const fetchSend: Send = async (method, address, { cookie, form }) => {
  const answer = await fetch(address, {
    method,
    redirect: 'manual',
    headers: { cookie },
    ...(form !== null && { body: new URLSearchParams(form) }),
  });
  return {
    status: answer.status,
    location: answer.headers.get('location'),
    cookies: answer.headers.getSetCookie(),
    text: await answer.text(),
  };
};
