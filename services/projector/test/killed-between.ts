import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Servers } from './world.js';

/** Where in a batch the projector dies; the offset is committed behind the last. */
export type Point = 'written' | 'published' | 'cleared';
export type Death = { at: Point; nth: number };
/** A line of the fixture. */
export type Said = { batch: readonly string[] } | { struck: readonly string[] };

export const MAX_BATCH = 10;

export type Life = {
  /** Offsets of each batch that it was given, in order. */
  readonly batches: (readonly string[])[];
  /** `toPersonKey` of those in the step at which it died. */
  readonly struck: string[];
  /** The code, or the signal that killed it; everything that it said is there by then. */
  readonly ended: Promise<number | string | null>;
  readonly child: ChildProcess;
};

/** `people`: what Graph says they are called, by id. */
export function live(servers: Servers, people: ReadonlyMap<string, string>, death?: Death): Life {
  const fixture = fileURLToPath(new URL('./killed-between.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@muster/source', '--import', 'tsx', fixture], {
    env: {
      ...{ KAFKA_BROKERS: servers.kafkaBrokers, KAFKA_TOPIC_PREFIX: servers.prefix, MONGODB_URI: servers.mongodbUri },
      PEOPLE: JSON.stringify(Object.fromEntries(people)),
      ...(death && { KILL_AT: death.at, KILL_NTH: String(death.nth) }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const batches: (readonly string[])[] = [];
  const struck: string[] = [];
  const lines = createInterface(child.stdout).on('line', (line) => {
    const said = JSON.parse(line) as Said;
    if ('batch' in said) batches.push(said.batch);
    else struck.push(...said.struck);
  });
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(
    ([[code, signal]]) => (signal ?? code) as number | string | null,
  );
  return { batches, struck, ended, child };
}
