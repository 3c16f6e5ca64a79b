import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Toxic } from './tcp-proxy.js';

/** One direction of one connection. */
export type Lane = {
  readonly toxicsChanged: () => void;
  /** Puts bytes of the proxy's own behind what has come. */
  readonly add: (bytes: Buffer) => void;
};
export type LaneOptions = {
  readonly from: Socket;
  readonly to: Socket;
  /** What of the bytes that came goes on. */
  readonly inspect: (bytes: Buffer) => Buffer;
  readonly toxics: () => readonly Toxic[];
  /** Ends the connection in order, or by RST. */
  readonly end: () => void;
  readonly reset: () => void;
};
type Piece = { bytes: Buffer; cameAt: number };

/** More than this waits in the socket of the sender. */
const MOST_WAITING = 1_048_576;

export function createLane({ from, to, inspect, toxics, end, reset }: LaneOptions): Lane {
  const waiting: Piece[] = [];
  let waitingBytes = 0;
  let pumping = false;
  let passed = 0;
  let ended = false;
  /** For good: a lost peer does not come back to an old connection. */
  let dead = false;
  let alarm: NodeJS.Timeout | undefined;
  let changed: () => void = () => undefined;
  let change = new Promise<void>((resolve) => (changed = resolve));
  const find = <T extends Toxic['type']>(type: T) =>
    toxics().find((toxic): toxic is Extract<Toxic, { type: T }> => toxic.type === type);
  const isOver = (): boolean => from.destroyed || to.destroyed;

  /** What ends the connection by itself, also when nobody sends. */
  const setAlarm = (): void => {
    clearTimeout(alarm);
    const cut = find('reset_peer');
    const silence = find('timeout');
    if (cut) alarm = setTimeout(reset, cut.timeout);
    else if (silence && silence.timeout > 0) alarm = setTimeout(end, silence.timeout);
  };

  const write = async (bytes: Buffer): Promise<void> => {
    if (isOver() || bytes.length === 0) return;
    await new Promise<void>((resolve) => to.write(bytes, () => resolve()));
  };

  const pass = async ({ bytes, cameAt }: Piece): Promise<void> => {
    while (find('timeout') && !isOver()) await change;
    const late = find('latency');
    if (late) {
      const wait = late.latency + (late.jitter?.() ?? 0) - (performance.now() - cameAt);
      if (wait > 0) await delay(wait);
    }
    const slicer = find('slicer');
    const size = slicer?.size ?? bytes.length;
    for (let at = 0; at < bytes.length && !isOver(); at += size) {
      const slice = bytes.subarray(at, at + size);
      const limit = find('limit_data');
      const left = limit ? Math.max(0, limit.bytes - passed) : slice.length;
      passed += Math.min(left, slice.length);
      await write(slice.subarray(0, left));
      if (left < slice.length) {
        end();
        return;
      }
      const rate = find('bandwidth')?.rate;
      if (rate) await delay(slice.length / rate);
      if (slicer) await delay(slicer.delay);
    }
  };

  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    for (let piece = waiting[0]; piece && !isOver(); piece = waiting[0]) {
      await pass(piece);
      waiting.shift();
      waitingBytes -= piece.bytes.length;
      if (waitingBytes < MOST_WAITING) from.resume();
    }
    pumping = false;
    if (ended && !dead && !isOver()) to.end();
  };

  const add = (bytes: Buffer): void => {
    if (bytes.length === 0 || dead) return;
    waiting.push({ bytes, cameAt: performance.now() });
    waitingBytes += bytes.length;
    if (waitingBytes >= MOST_WAITING) from.pause();
    void pump();
  };

  from.on('data', (bytes: Buffer) => add(inspect(bytes)));
  from.on('end', () => {
    ended = true;
    void pump();
  });
  from.on('close', () => {
    clearTimeout(alarm);
    changed();
  });
  const setDead = (): void => {
    dead ||= find('dead') !== undefined;
    if (dead) waiting.length = 0;
  };
  setAlarm();
  setDead();
  return {
    add,
    toxicsChanged: () => {
      passed = 0;
      setAlarm();
      setDead();
      const tell = changed;
      change = new Promise<void>((resolve) => (changed = resolve));
      tell();
    },
  };
}
