import { Agent, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';

/** Any text that may stand in a header (RFC 9110 5.5), as latin1. */
export const headerValue = fc
  .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 40 })
  .map((text) => text.replaceAll('\x7f', ''));

export type RawCall = {
  readonly method: string;
  /** With its query, as it goes over the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
};
export type RawAnswer = {
  readonly status: number;
  readonly type: string;
  /** As they came, a line each. */
  readonly headers: string;
  readonly text: string;
};

/** Sends what no well-meaning client would, over connections that are kept; `close` ends them. */
export function createRawHttp(server: Server) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const send = ({ method, path, headers, body }: RawCall): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      // Node gives GET and DELETE no length: their bodies would be taken for the next request.
      const length = body === null ? {} : { 'content-length': body.length };
      const options = { host: '127.0.0.1', port, method, path, headers: { ...headers, ...length }, agent };
      const call = request(options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            headers: response.rawHeaders.join('\n'),
            text: Buffer.concat(parts).toString(),
          }),
        );
      });
      call.on('error', reject);
      call.end(body ?? undefined);
    });
  return { send, close: () => agent.destroy() };
}
