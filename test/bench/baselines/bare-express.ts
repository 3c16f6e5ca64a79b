// R1, R3: express and nothing else: any POST is 202.
import express from 'express';

const app = express();
app.disable('x-powered-by').disable('etag');
app.get('/readyz', (_request, response) => void response.status(200).end());
app.post('/graph/notifications', (request, response) => {
  request.resume();
  response.status(202).end();
});
const server = app.listen(Number(process.env.PORT), '127.0.0.1');
// As the receiver: nobody's connection is closed while the others are measured.
server.keepAliveTimeout = 65_000;
