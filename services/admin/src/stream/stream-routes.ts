import { z } from 'zod';
import { Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import type { Principal } from '../keys/principal.js';
import type { StreamHub } from './stream-hub.js';

export type StreamRoutesOptions = { streams: StreamHub; stillMay: (principal: Principal) => Promise<boolean> };

const FULL = {
  copy: 'Too many pages are open at this copy of admin; try again in a while.',
  share: 'Too many live pages are open in your name; close some of them.',
};

export const streamRoutes = ({ streams, stillMay }: StreamRoutesOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/stream',
    summary:
      'Server-sent events: `change` (integrationId, count, what, userId, revision, at), `status` every few seconds, `cut` when the session ends',
    tag: 'status',
    everyone: true,
    answer: {
      status: 200,
      description: 'Stays open; a comment every 15 s keeps it so.',
      schema: z.string(),
      types: ['text/event-stream'],
    },
    handle: ({ principal }) => {
      const full = streams.isFull(principal);
      if (full !== null)
        throw new Problem(full === 'copy' ? 503 : 429, FULL[full], { headers: { 'Retry-After': '30' } });
      return Promise.resolve({
        headers: { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' },
        send: (response) => streams.open(response, principal, () => stillMay(principal)),
      });
    },
  }),
];
