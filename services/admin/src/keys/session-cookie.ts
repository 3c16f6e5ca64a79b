import type { CookieOptions, Request } from 'express';

export type CookieSettings = { name: string; options: CookieOptions };

/**
 * `__Host-` binds the cookie to this very host; browsers take it by https only (RFC 6265bis 4.1.3.2). Lax, for the way
 * back from Microsoft is a cross-site GET.
 */
export function toCookieSettings(publicUrl: string): CookieSettings {
  const secure = publicUrl.startsWith('https:');
  return {
    name: secure ? '__Host-muster-session' : 'muster-session',
    options: { httpOnly: true, sameSite: 'lax', secure, path: '/' },
  };
}

export function readSessionId(request: Request, { name }: CookieSettings): string | null {
  for (const part of (request.get('cookie') ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value !== undefined && /^[\w-]{43}$/.test(value)) return value;
  }
  return null;
}

type Heads = { get: (name: string) => string | undefined };

/**
 * Fetch Metadata, with Origin, of `publicUrl`, for browsers (or plain http) that do not send it. A request with neither is refused.
 * https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */
export function isSameSite(request: Heads, publicUrl: string): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return request.get('origin') === new URL(publicUrl).origin;
}
