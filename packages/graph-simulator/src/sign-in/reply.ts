import type { Response } from 'express';
import type { Reply } from './authorization-request.js';
import type { EntraFault } from './entra-fault.js';
import { toPostPage } from './pages/message-pages.js';

type Fields = Readonly<Record<string, string | undefined>>;

/**
 * What a page may do: its own style sheet and forms, nothing else. Browsers hold a form's redirects to
 * `form-action` too, so the address to go back to is named.
 */
export const toPolicy = (backTo?: string): string => {
  const target =
    backTo === undefined
      ? ''
      : ` ${new URL(backTo).protocol.startsWith('http') ? new URL(backTo).origin : new URL(backTo).protocol}`;
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    `form-action 'self'${target}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
};

export const sendPage = (
  response: Response,
  page: string,
  { status = 200, backTo }: { status?: number; backTo?: string } = {},
) => {
  response
    .status(status)
    .set({ 'Content-Security-Policy': toPolicy(backTo), 'Cache-Control': 'no-store' })
    .type('html')
    .send(page);
};

/** Back to the app, in the way it asked for; the state is given back as it came. */
export const sendReply = (response: Response, { redirectUri, mode, state }: Reply, fields: Fields): void => {
  const given = Object.entries({ ...fields, state }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  if (mode === 'form_post') {
    sendPage(response, toPostPage(redirectUri, Object.fromEntries(given)), { backTo: redirectUri });
    return;
  }
  const target = new URL(redirectUri);
  if (mode === 'fragment') target.hash = new URLSearchParams(given).toString();
  else for (const [name, value] of given) target.searchParams.set(name, value);
  response.set('Cache-Control', 'no-store').redirect(302, target.href);
};

export const toErrorFields = (fault: EntraFault): Fields => ({
  error: fault.error,
  error_description: fault.message,
  error_uri: `https://login.microsoftonline.com/error?code=${fault.number}`,
  ...(fault.suberror !== undefined && { suberror: fault.suberror }),
});
