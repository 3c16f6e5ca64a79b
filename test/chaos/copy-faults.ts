import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { readCounter } from '../src/read-counter.js';
import {
  DEADLINE_MS,
  beginFullRead,
  last,
  notify,
  restart,
  untilProjected,
  untilTakenOn,
  withCopy,
  type Fault,
  type Scene,
} from './fault.js';

/** Whichever of two has the read: the other one, or the one that is started again, goes on. */
async function twoReconcilers(scene: Scene): Promise<void> {
  let read = '';
  await withCopy(scene, { service: 'reconciler' }, async () => {
    read = await beginFullRead(scene);
    await last(scene.random.between(0, 500));
    await restart(scene, 'reconciler', 'SIGKILL');
    await untilTakenOn(scene, read);
    read = await beginFullRead(scene);
    await last(scene.random.between(0, 500));
  });
  await untilTakenOn(scene, read);
}

/** It works until it dies, and its partitions are nobody's until its session ends; then the first one has them all. */
async function copyOfProjectorDies(scene: Scene): Promise<void> {
  await withCopy(scene, { service: 'projector' }, async (origin) => {
    await eventually(async () => (await readCounter(origin, 'muster_projector_events_total')) > 0, {
      within: 60_000,
      every: 100,
      what: 'the copy of the projector has its share',
    });
    await last(scene.random.between(0, 2_000));
  });
  await untilProjected(scene, { still: 90_000, what: 'the projector that is left has read every partition' });
}

/** 30 bursts are about 150 KB of its log; 80 KB of such lines fill the pipe. */
const BURSTS = 30;
const AT_ONCE = 20;

/** A disk that is slow for two seconds makes Kafka late, too; what a full pipe holds up stays so. */
const TRIES = 3;

async function takesBurst(scene: Scene, origin: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => notify(scene, origin)));
    const bad = answers.find(({ status, ms }) => status !== 202 || ms >= DEADLINE_MS);
    if (!bad) return;
    assert.ok(tries < TRIES, `answered ${bad.status} after ${bad.ms} ms while nobody reads its log`);
  }
}

const unreadReceiver = (scene: Scene): Promise<void> =>
  withCopy(scene, { service: 'receiver', unread: true, env: { LOG_LEVEL: 'debug' } }, async (origin) => {
    for (let burst = 0; burst < BURSTS; burst += 1) await takesBurst(scene, origin);
  });

export const COPY_FAULTS: readonly Fault[] = [
  { row: 'reconciler: a second one beside it, and each killed in a full read', strike: twoReconcilers },
  { row: 'projector: a second one beside it, killed in the middle of batches', strike: copyOfProjectorDies },
  { row: 'receiver: nobody reads its standard output', strike: unreadReceiver },
];
