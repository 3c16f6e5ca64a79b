import { Agent, request } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { Clock } from '../clock.js';
import { isStepped } from '../clock.js';

export type Posted =
  { readonly status: number; readonly contentType: string; readonly body: string } | 'timeout' | 'failed';

export type Post = (
  url: string,
  message: { readonly body: string; readonly contentType: string; readonly timeout: number },
) => Promise<Posted>;

/** In ms of real time: how long an answer may still be on its way when a stepped clock has jumped past its limit. */
const STEP_GRACE = 500;
const LARGEST_ANSWER = 64 * 1024;

/** Posts over HTTPS; certificates are checked against what node knows: with `ca`, its own roots and those. */
export const createPost = (clock: Clock, ca?: readonly string[]): { post: Post; close: () => void } => {
  // A list takes the place of the one that node has, so that has to be in it.
  const trusted = ca === undefined ? {} : { ca: [...rootCertificates, ...ca] };
  const agent = new Agent({ keepAlive: true, maxSockets: 64, ...trusted });
  const post: Post = (url, { body, contentType, timeout }) =>
    new Promise((resolve) => {
      let cancel: () => void = () => undefined;
      const finish = (posted: Posted) => {
        cancel();
        resolve(posted);
      };
      const headers = { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) };
      const call = request(url, { method: 'POST', agent, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          if (text.length < LARGEST_ANSWER) text += chunk;
        });
        answer.on('end', () => {
          finish({ status: answer.statusCode ?? 0, contentType: answer.headers['content-type'] ?? '', body: text });
        });
        answer.on('error', () => finish('failed'));
      });
      call.on('error', () => finish('failed'));
      const giveUp = () => {
        finish('timeout');
        call.destroy();
      };
      cancel = clock.after(timeout, () => {
        if (!isStepped(clock)) {
          giveUp();
          return;
        }
        const grace = setTimeout(giveUp, STEP_GRACE);
        cancel = () => clearTimeout(grace);
      });
      call.end(body);
    });
  return { post, close: () => agent.destroy() };
};
