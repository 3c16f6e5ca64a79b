import { EventEmitter } from 'node:events';
import type { ConsumerRunConfig, Kafka } from 'kafkajs';

export const EVENTS = { GROUP_JOIN: 'join', HEARTBEAT: 'heartbeat', CRASH: 'crash' };
export const nothing = (): Promise<void> => Promise.resolve();

/** What kafkajs is asked and says, as `run` has it; no broker behaves so on demand. */
export function createKafka(
  run: (config: ConsumerRunConfig, emitter: EventEmitter) => unknown,
  more: Record<string, unknown> = {},
): Kafka {
  const emitter = new EventEmitter();
  const consumer = {
    ...{ events: EVENTS, connect: nothing, subscribe: nothing, stop: nothing, disconnect: nothing },
    on: (name: string, listener: (event: unknown) => void) => emitter.on(name, listener),
    run: async (config: ConsumerRunConfig) => {
      await run(config, emitter);
    },
    ...more,
  };
  return { consumer: () => consumer } as unknown as Kafka;
}

/** The group has taken it in, with these partitions. */
export const join = (emitter: EventEmitter, memberAssignment: Record<string, number[]> = {}): boolean =>
  emitter.emit(EVENTS.GROUP_JOIN, { payload: { memberAssignment } });
