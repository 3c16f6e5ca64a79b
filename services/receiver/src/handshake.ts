import type { ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import { answerText } from './answer.js';

const MAX_TOKEN_BYTES = 4_096;

/** What `?validationToken=` of an address says; undefined where it does not. Twice is a list. */
export function readValidationToken(url: string): string | string[] | undefined {
  const at = url.indexOf('?');
  return at < 0 ? undefined : parse(url.slice(at + 1)).validationToken;
}

/**
 * Proves to Graph that we own the address: the token, decoded once, as plain text
 * (https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation). Plain text, nosniff and the
 * policy keep a browser from running what an attacker put there.
 */
export function answerHandshake(validationToken: string | string[], response: ServerResponse): void {
  if (typeof validationToken !== 'string' || validationToken === '')
    answerText(response, 400, 'validationToken must be given once and not be empty');
  else if (Buffer.byteLength(validationToken) > MAX_TOKEN_BYTES)
    answerText(response, 400, `validationToken is over ${MAX_TOKEN_BYTES} bytes`);
  else answerText(response, 200, validationToken);
}
