// R2: reads, checks and proves each notification, remembering proved MACs as the receiver does, and keeps none of them.
import express from 'express';
import { changeNotification, createClientStateVerifier } from '@muster/contracts';

const verify = createClientStateVerifier([Buffer.from(process.env.CLIENT_STATE_KEYS ?? '', 'base64')]);
const app = express();
app.disable('x-powered-by').disable('etag');
app.get('/readyz', (_request, response) => void response.status(200).end());
app.post('/graph/notifications', express.json({ limit: '4mb' }), (request, response) => {
  const items = (request.body as { value: unknown[] }).value;
  let good = 0;
  for (const item of items) {
    const { clientState, tenantId } = changeNotification.parse(item);
    if (verify(clientState, tenantId).proved) good += 1;
  }
  response.status(good === items.length ? 202 : 400).end();
});
app.listen(Number(process.env.PORT), '127.0.0.1');
