import type { IncomingMessage } from 'node:http';

/** Calls `done` once: with the error that it was refused for, or null and the body. */
export type ReadBody = (request: IncomingMessage, done: BodyDone) => void;
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
/**
 * Reads the whole body as it comes. Refuses with 413 over the limit of a body, 503 over that of all together, 400 when it
 * breaks off, and 415 whatever is encoded: Graph sends nothing so, and a few bytes of a stranger would grow to the limit.
 */
export function createReadBody(limits: BodyLimits): ReadBody {
  const readPlain = createReadPlain(limits);
  return (request, done) => {
    const { 'content-encoding': encoding } = request.headers;
    if (encoding === undefined || encoding.toLowerCase() === 'identity') readPlain(request, done);
    else done(refusal(415, 'the body is encoded'));
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

const refusal = (status: 413 | 415 | 503, message: string): Error => Object.assign(new Error(message), { status });
