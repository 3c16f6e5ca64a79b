import { createServer } from 'node:http';
import express from 'express';
import helmet from 'helmet';
import type { OnFailure } from '../last-resort.js';
import { createLastResort } from '../last-resort.js';
import type { World } from '../world.js';
import { createPagesRouter } from './pages-router.js';

/**
 * No HSTS: browsers keep it by host name, and would then look for https on every other port of localhost. No
 * opener policy: apps may open the pages in a window of their own.
 */
export const signInHeaders = helmet({ strictTransportSecurity: false, crossOriginOpenerPolicy: false });

export type PagesServer = {
  readonly start: (port: number, host: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** The pages alone over plain http, for browsers that do not know the simulator's authority. Loopback only. */
export const createPagesServer = (
  world: World,
  { onEdit, onFailure }: { onEdit: () => void; onFailure: OnFailure },
): PagesServer => {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(signInHeaders, createPagesRouter(world, onEdit));
  app.use(createLastResort(onFailure));
  const server = createServer(app);
  return {
    start: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          const address = server.address();
          resolve(`http://localhost:${typeof address === 'object' && address !== null ? address.port : port}`);
        });
      }),
    stop: () =>
      new Promise((resolve) => {
        if (!server.listening) {
          resolve();
          return;
        }
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
