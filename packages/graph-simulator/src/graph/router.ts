import { randomUUID } from 'node:crypto';
import express from 'express';
import type { ErrorRequestHandler, Request, Response, Router } from 'express';
import type { OnFailure } from '../last-resort.js';
import { createAuthenticate } from '../sign-in/access-token.js';
import { originOf } from '../sign-in/router.js';
import type { World } from '../world.js';
import { runBatch } from './batch.js';
import type { Dispatch, Incoming } from './dispatch.js';
import { createDispatch } from './dispatch.js';
import { GraphFault, toErrorBody } from './fault.js';
import type { Operation } from './operation.js';
import type { GraphAnswer } from './request.js';
import { toText } from './request.js';
import type { Throttle } from './throttle.js';

const BODY_LIMIT = '4mb';

type Version = 'v1.0' | 'beta';

const toIncoming = (request: Request, caller: Incoming['caller'], version: Version): Incoming => {
  const url = new URL(request.originalUrl, 'https://simulator.invalid');
  return {
    caller,
    method: request.method,
    path: url.pathname.slice(`/${version}`.length),
    query: url.searchParams,
    header: (name) => request.get(name),
    body: request.body as unknown,
    base: `${originOf(request)}/${version}`,
  };
};

const JSON_TYPE = 'application/json;odata.metadata=minimal;charset=utf-8';

/** Promises the whole body, sends half of it and hangs up. */
const cutOff = (response: Response, text: string) => {
  const bytes = Buffer.from(text);
  response.set({ 'Content-Type': JSON_TYPE, 'Content-Length': String(bytes.length) });
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
};

const send = (response: Response, answer: GraphAnswer) => {
  const { status, headers, body, broken } = answer;
  response.status(status).set({ ...headers });
  if (body === undefined) response.end();
  else if (typeof body === 'number') response.type('text/plain').send(String(body));
  else if (broken === 'cutOff') cutOff(response, toText(answer));
  else {
    const text = toText(answer);
    const bytes = Buffer.from(broken === 'malformed' ? text.slice(0, text.length >> 1) : text);
    // Past express' own send, which would measure and hash the text again.
    response.set({ 'Content-Type': JSON_TYPE, 'Content-Length': String(bytes.length) }).end(bytes);
  }
};

type Tools = {
  readonly operations: readonly Operation[];
  readonly throttle: Throttle;
  readonly version: Version;
  readonly onFailure: OnFailure;
};

/** The HTTP shell of Graph: who calls, with what; the operations know nothing of express. */
export const createGraphRouter = (world: World, { operations, throttle, version, onFailure }: Tools): Router => {
  const router = express.Router();
  const answerCall = createDispatch(world, { operations, throttle });
  /** A failure of the simulator itself is told to whoever runs it; the caller learns no more than that there was one. */
  const failed = (error: unknown, { method, path }: Pick<Incoming, 'method' | 'path'>): GraphFault => {
    onFailure(error, `${method} /${version}${path}`);
    return new GraphFault(500, 'generalException', 'An unexpected error occurred while processing the request.');
  };
  const dispatch: Dispatch = async (incoming) => {
    try {
      return await answerCall(incoming);
    } catch (error) {
      throw error instanceof GraphFault ? error : failed(error, incoming);
    }
  };
  const authenticate = createAuthenticate(world);
  const errorIds = (response: Response) => ({
    date: new Date(world.clock.now()).toISOString().slice(0, 19),
    requestId: String(response.getHeader('request-id')),
    clientRequestId: String(response.getHeader('client-request-id')),
  });
  const shuffle = <T>(list: T[]): T[] => {
    const keyed = list.map((entry) => ({ entry, key: world.faults.random('batchOrder').next() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ entry }) => entry);
  };
  router.use((request, response, next) => {
    const requestId = randomUUID();
    response.set({
      'request-id': requestId,
      'client-request-id': request.get('client-request-id') ?? requestId,
      Date: new Date(world.clock.now()).toUTCString(),
      'OData-Version': '4.0',
      'Cache-Control': 'no-cache',
    });
    next();
  });
  router.use(express.json({ limit: BODY_LIMIT, strict: true, type: ['application/json', 'application/*+json'] }));
  router.use(async (request, response) => {
    const incoming = toIncoming(request, await authenticate(request.get('authorization')), version);
    const place = { tenantId: incoming.caller.tenant.id, path: incoming.path };
    const slow = world.faults.take('slowAnswer', place);
    if (slow !== null) await new Promise<void>((resolve) => world.clock.after(slow.ms, resolve));
    if (incoming.path === '/$batch' && incoming.method === 'POST') {
      const body = await runBatch(incoming, { dispatch, errorIds: () => errorIds(response), shuffle });
      send(response, { status: 200, body });
    } else send(response, await dispatch(incoming));
  });
  // Express knows a handler of errors by its four parameters.
  const onError: ErrorRequestHandler = (error: unknown, request, response, _next) => {
    const fault = toFault(error) ?? failed(error, request);
    send(response, { status: fault.status, headers: fault.headers, body: toErrorBody(fault, errorIds(response)) });
  };
  router.use(onError);
  return router;
};

/** What body-parser refuses is the caller's fault too. */
const toFault = (error: unknown): GraphFault | null => {
  if (error instanceof GraphFault) return error;
  switch (error instanceof Error && 'status' in error ? error.status : undefined) {
    case 400:
      return new GraphFault(400, 'BadRequest', 'Unable to read JSON request payload.');
    case 413:
      return new GraphFault(413, 'RequestEntityTooLarge', 'Request entity too large.');
    case 415:
      return new GraphFault(415, 'UnsupportedMediaType', 'The charset or encoding of the body is not supported.');
    default:
      return null;
  }
};
