import type { Request, Response } from 'express';

const MAX_TOKEN_BYTES = 4_096;

/** Whether the request carries `?validationToken=`; looked at before anything of the body. */
export const isHandshake = (request: Request): boolean =>
  // Express reads the query anew each time it is asked.
  request.url.includes('?') && request.query.validationToken !== undefined;

/**
 * Proves to Graph that we own the address: the token, decoded once, as plain text
 * (https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation). Plain text, nosniff and the
 * policy keep a browser from running what an attacker put there.
 */
export function answerHandshake(request: Request, response: Response): void {
  const { validationToken } = request.query;
  if (typeof validationToken !== 'string' || validationToken === '') {
    response.status(400).type('text/plain').send('validationToken must be given once and not be empty');
    return;
  }
  if (Buffer.byteLength(validationToken) > MAX_TOKEN_BYTES) {
    response.status(400).type('text/plain').send(`validationToken is over ${MAX_TOKEN_BYTES} bytes`);
    return;
  }
  response.status(200).type('text/plain').send(validationToken);
}
