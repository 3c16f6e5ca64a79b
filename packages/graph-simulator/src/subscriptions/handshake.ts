import { randomUUID } from 'node:crypto';
import type { Post } from '../delivery/post.js';
import { GraphFault } from '../graph/fault.js';
import type { Settings } from '../settings.js';

/** Proves that an address answers for its owner: the decoded token back as plain text (contract 2). */
export const validateEndpoint = async (
  url: string,
  { post, settings: { delivery, switches } }: { post: Post; settings: Pick<Settings, 'delivery' | 'switches'> },
): Promise<void> => {
  const refuse = (message: string) => new GraphFault(400, switches.validationErrorCode, message);
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()}${switches.handshakeTokenSuffix}`;
  const target = new URL(url);
  const query = `validationToken=${encodeURIComponent(token)}`;
  target.search = target.search === '' ? `?${query}` : `${target.search}&${query}`;
  const posted = await post(target.href, {
    body: '',
    contentType: 'text/plain; charset=utf-8',
    timeout: delivery.handshakeTimeout,
  });
  if (posted === 'timeout') throw refuse('Subscription validation request timed out.');
  const failed = 'Subscription validation request failed.';
  if (posted === 'failed') throw refuse(`${failed} The notification endpoint could not be reached.`);
  if (posted.status !== 200)
    throw refuse(`${failed} Notification endpoint must respond with 200 OK to validation request.`);
  if (!/^text\/plain\b/i.test(posted.contentType))
    throw refuse(`${failed} The answer must have the content type text/plain.`);
  const body = switches.handshakeTrailingNewline ? posted.body.replace(/\r?\n$/, '') : posted.body;
  if (body !== token) throw refuse(`${failed} Response must exactly match validationToken query parameter.`);
};
