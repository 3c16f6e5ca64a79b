import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Request, type RequestHandler, type Response } from 'express';

/** Calls `done` once: with the error that it was refused for, or null and the body. */
export type ReadBody = (request: IncomingMessage, response: ServerResponse, done: BodyDone) => void;
export type BodyDone = (error: unknown, body?: Buffer) => void;
export type BodyLimits = {
  /** Of one body, bytes. Over it: 413. */
  body: number;
  /** Of all bodies that are on their way, bytes of memory. Over it those that already brought {@link SMALL} get 503. */
  together: number;
};

/** What a notification or two weigh. Such a body goes on when the sum is reached: nobody shuts the door by holding it open. */
const SMALL = 64 * 1024;
/** What a chunk costs beside its bytes, roughly: a body may come byte by byte. */
const CHUNK_COST = 512;
/** Bodies that come compressed at once. Graph sends none; each may grow to the limit of a body. */
const MOST_COMPRESSED = 16;

/**
 * Reads the whole body. One that is not compressed is taken as it comes; others go
 * express's way, which costs a small request a tenth more. Refuses with 413 over the limit of a body, 503 over that of
 * all together, 415 for an encoding that is not known, 400 when it breaks off.
 */
export function createReadBody(limits: BodyLimits): ReadBody {
  const readPlain = createReadPlain(limits);
  const readCompressed = createReadCompressed(limits);
  return (request, response, done) => {
    if (request.headers['content-encoding'] === undefined) readPlain(request, done);
    else readCompressed(request, response, done);
  };
}

function createReadPlain({ body: limit, together }: BodyLimits) {
  let held = 0;
  return (request: IncomingMessage, done: BodyDone): void => {
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      done(refusal(413, 'the body is too large'));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    let weight = 0;
    const letGo = (): void => {
      held -= weight;
      weight = 0;
      request.off('data', take).off('end', finish).off('error', breakOff).off('close', letGo);
    };
    const end = (error: Error | null, body?: Buffer): void => {
      letGo();
      done(error, body);
    };
    const take = (chunk: Buffer): void => {
      const before = weight;
      size += chunk.length;
      weight += chunk.length + CHUNK_COST;
      held += chunk.length + CHUNK_COST;
      chunks.push(chunk);
      if (size > limit) end(refusal(413, 'the body is too large'));
      else if (held > together && before > SMALL) end(refusal(503, 'too many bodies are on their way'));
    };
    const finish = (): void => {
      const [first] = chunks;
      end(null, first && chunks.length === 1 ? first : Buffer.concat(chunks));
    };
    const breakOff = (error: Error): void => end(Object.assign(error, { status: 400 }));
    request.on('data', take).once('end', finish).once('error', breakOff).once('close', letGo);
  };
}

function createReadCompressed({ body: limit }: BodyLimits): ReadBody {
  const inflate: RequestHandler = express.raw({ type: () => true, limit });
  let open = 0;
  return (request, response, done) => {
    if (open >= MOST_COMPRESSED) {
      done(refusal(503, 'too many compressed bodies are on their way'));
      return;
    }
    open += 1;
    // Of the answer: a request that is answered before its body is there does not always tell its own end.
    response.once('close', () => (open -= 1));
    const read = request as Request;
    void inflate(read, response as Response, (error?: unknown) => {
      const body: unknown = read.body;
      if (error !== undefined) done(error);
      else done(null, Buffer.isBuffer(body) ? body : Buffer.alloc(0));
    });
  };
}

const refusal = (status: 413 | 503, message: string): Error => Object.assign(new Error(message), { status });
