import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection, type Connection } from './connection.js';

export type Answered = {
  /** Index of the request in the order of sending. */
  index: number;
  /** 0: the connection broke. */
  status: number;
  /** From when it was due, not from when a connection was free: a stall counts for everyone who waited. */
  ms: number;
  /** Of those, until it was written: what the load itself was late by. */
  lateMs: number;
};
export type Load = { seconds: number; answers: readonly Answered[] };

/** Each connection sends its next request as soon as the last is answered; one that breaks is followed by another. */
export async function closedLoop(
  port: number,
  options: { connections: number; seconds: number; requestOf: (index: number) => Buffer },
): Promise<Load> {
  const connections = await Promise.all(Array.from({ length: options.connections }, () => openConnection(port)));
  const answers: Answered[] = [];
  const begun = performance.now();
  const end = begun + options.seconds * 1_000;
  let next = 0;
  const work = async (first: Connection): Promise<void> => {
    let connection = first;
    while (performance.now() < end) {
      const index = next++;
      const sentAt = performance.now();
      const status = await connection.send(options.requestOf(index)).catch(() => 0);
      answers.push({ index, status, ms: performance.now() - sentAt, lateMs: 0 });
      if (status === 0) connection = await openConnection(port);
    }
    connection.close();
  };
  await Promise.all(connections.map(work));
  const seconds = (performance.now() - begun) / 1_000;
  return { seconds, answers };
}

/** Requests fall due at a steady rate, whatever the answers do; connections are opened as they are needed. */
export async function openLoop(
  port: number,
  options: { perSecond: number; seconds: number; requestOf: (index: number) => Buffer },
): Promise<Load> {
  const poster = await createPoster(port);
  const answers: Answered[] = [];
  const total = Math.round(options.perSecond * options.seconds);
  const begun = performance.now();
  const under: Promise<void>[] = [];
  const sendOne = async (index: number, due: number): Promise<void> => {
    // Timers fire up to a millisecond early: that is not time which an answer took less.
    const dueAt = Math.min(due, performance.now());
    let status = 0;
    let lateMs = 0;
    try {
      status = await poster.post(options.requestOf(index), () => (lateMs = performance.now() - dueAt));
    } catch {
      // Told as status 0.
    }
    answers.push({ index, status, ms: performance.now() - dueAt, lateMs });
  };
  for (let index = 0; index < total; index += 1) {
    const dueAt = begun + (index * 1_000) / options.perSecond;
    const early = dueAt - performance.now();
    if (early > 1) await sleep(early);
    under.push(sendOne(index, dueAt));
  }
  await Promise.all(under);
  const seconds = (performance.now() - begun) / 1_000;
  poster.close();
  return { seconds, answers };
}

/** Sends on whichever connection is free, else on one more; answers the status. */
export async function createPoster(port: number) {
  const free: Connection[] = await Promise.all(Array.from({ length: 20 }, () => openConnection(port)));
  return {
    post: async (request: Buffer, onSend?: () => void): Promise<number> => {
      const connection = free.pop() ?? (await openConnection(port));
      onSend?.();
      const status = await connection.send(request);
      free.push(connection);
      return status;
    },
    close: (): void => {
      for (const connection of free) connection.close();
    },
  };
}
