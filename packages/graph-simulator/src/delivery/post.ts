import { Agent, request } from 'node:https';
import type { Clock } from '../clock.js';

export type Posted =
  { readonly status: number; readonly contentType: string; readonly body: string } | 'timeout' | 'failed';

export type Post = (
  url: string,
  message: { readonly body: string; readonly contentType: string; readonly timeout: number },
) => Promise<Posted>;

const LARGEST_ANSWER = 64 * 1024;

/** Posts over HTTPS; certificates are checked against the system's authorities, NODE_EXTRA_CA_CERTS and `ca`. */
export const createPost = (clock: Clock, ca?: string): { post: Post; close: () => void } => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, ...(ca !== undefined && { ca }) });
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
      cancel = clock.after(timeout, () => {
        finish('timeout');
        call.destroy();
      });
      call.end(body);
    });
  return { post, close: () => agent.destroy() };
};
