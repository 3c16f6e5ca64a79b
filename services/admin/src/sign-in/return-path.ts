/** A path of our own, as the browser would read it, or `/`: nobody is sent to another site by a link to ours. */
export function toOwnPath(text: unknown): string {
  const base = 'https://own.invalid';
  if (typeof text !== 'string' || text.length > 500 || !text.startsWith('/') || !URL.canParse(text, base)) return '/';
  const { origin, pathname, search, hash } = new URL(text, base);
  // A parsed path may begin with two slashes again (`/.//host`).
  return origin === base && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/';
}
