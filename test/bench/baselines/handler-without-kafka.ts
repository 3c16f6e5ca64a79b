// R2: reads, checks and proves each notification, remembering proved MACs as the receiver does, and keeps none of them. Node's own
// HTTP server, as the receiver's.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { changeNotification, createClientStateVerifier } from '@muster/contracts';

const verify = createClientStateVerifier([Buffer.from(process.env.CLIENT_STATE_KEYS ?? '', 'base64')]);

function take(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const items = (JSON.parse(Buffer.concat(chunks).toString()) as { value: unknown[] }).value;
    let good = 0;
    for (const item of items) {
      const { clientState, tenantId } = changeNotification.parse(item);
      if (verify(clientState, tenantId).proved) good += 1;
    }
    response.statusCode = good === items.length ? 202 : 400;
    response.end();
  });
}

const server = createServer((request, response) => {
  if (request.method === 'POST') take(request, response);
  else response.end();
}).listen(Number(process.env.PORT), '127.0.0.1');
// As the receiver: nobody's connection is closed while the others are measured.
server.keepAliveTimeout = 65_000;
