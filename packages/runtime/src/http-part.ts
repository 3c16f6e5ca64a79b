import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Part } from './part.js';

export type HttpPartOptions = {
  name: string;
  listener: RequestListener;
  port: number;
  tls?: { certFile: string; keyFile: string } | undefined;
  /** Open connections are cut this long after stop; default 5 s. */
  drainMs?: number;
  /** How long a client may take for its headers, and for a whole request; default 10 s, the one in the other. */
  patience?: { headersMs: number; requestMs: number };
  /** Connections at once; one more is closed unheard. No limit when left out. */
  mostConnections?: number;
};
export type HttpPart = Part & { port: () => number };

export const PATIENCE = { headersMs: 10_000, requestMs: 10_000 };

/** A listening server as a part. Slow clients are cut off. */
export function httpPart(options: HttpPartOptions): HttpPart {
  const { name, listener, port, tls, drainMs = 5_000, patience = PATIENCE, mostConnections } = options;
  let server: Server | undefined;
  let stopping = false;
  const unanswered = new Set<ServerResponse>();
  return {
    name,
    async start() {
      const timeouts = {
        headersTimeout: patience.headersMs,
        requestTimeout: patience.requestMs,
        // Node looks each 30 s unless told otherwise: so long could a slow client stay beyond its time.
        connectionsCheckingInterval: patience.headersMs / 2,
        keepAliveTimeout: 65_000,
      };
      server = tls
        ? createHttpsServer(
            { ...timeouts, cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) },
            listener,
          )
        : createHttpServer(timeouts, listener);
      server.prependListener('request', (_request, response: ServerResponse) => {
        if (stopping) endConnectionWith(response);
        unanswered.add(response);
        response.once('close', () => unanswered.delete(response));
      });
      if (mostConnections !== undefined) server.maxConnections = mostConnections;
      await listen(server, port, name);
    },
    async stop() {
      const closing = server;
      if (!closing) return;
      stopping = true;
      unanswered.forEach(endConnectionWith);
      unanswered.forEach(endStream);
      const cut = setTimeout(() => closing.closeAllConnections(), drainMs);
      await new Promise<void>((resolve) => {
        closing.close(() => resolve());
        closing.closeIdleConnections();
      });
      clearTimeout(cut);
    },
    port: () => (server?.address() as AddressInfo | null)?.port ?? port,
  };
}

/** A kept-alive connection would otherwise stay open, and go on sending, until it is cut. */
function endConnectionWith(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

/** Server-sent events never end by themselves; browsers open them anew, at another copy. */
function endStream(response: ServerResponse): void {
  const type = response.getHeader('content-type');
  if (!response.headersSent || !String(type).startsWith('text/event-stream')) return;
  // Its headers promised to keep the connection, which would hold the server up.
  const { socket } = response;
  response.end(() => socket?.end());
}

/** Connections that may wait to be taken; with node's 511, one that comes in a burst is dropped and tried again after 1, 3, 7 s. */
const BACKLOG = 4_096;

function listen(server: Server, port: number, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const busy = error.code === 'EADDRINUSE';
      reject(busy ? new Error(`${name}: port ${port} is in use; set PORT to a free one`, { cause: error }) : error);
    });
    server.listen({ port, backlog: BACKLOG }, () => resolve());
  });
}
