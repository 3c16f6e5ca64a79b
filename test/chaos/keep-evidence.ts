import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECTED_TOPICS, PROJECTOR_GROUPS } from '@muster/contracts';
import { SERVICES } from '@muster/scripts';
import type { ChaosSystem } from './chaos-system.js';

/** The logs and figures of all services, and what waits for the projector, where the run's end does not remove them. Says where. */
export async function keepEvidence({ system }: ChaosSystem): Promise<void> {
  const folder = join('.muster', 'chaos', system.topicPrefix.replace(/\W$/, ''));
  mkdirSync(folder, { recursive: true });
  cpSync(system.logs, folder, { recursive: true });
  for (const service of SERVICES)
    for (const path of ['metrics', 'readyz'])
      await fetch(`${system.origins[service]}/${path}`)
        .then((answer) => answer.text())
        .catch(String)
        .then((text) => writeFileSync(join(folder, `${service}.${path}`), text));
  const lags = PROJECTED_TOPICS.map((topic) => system.eventLog.lag(PROJECTOR_GROUPS[topic], [topic]));
  const waiting = await Promise.all(lags).catch(String);
  writeFileSync(join(folder, 'waiting.json'), JSON.stringify(waiting, null, 2));
  console.error(`logs and figures are in ${folder}`);
}
