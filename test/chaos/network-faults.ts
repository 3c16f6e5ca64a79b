import { eventually } from '@muster/test-support';
import { last, type Fault, type Scene } from './fault.js';
import { createRandom, type Random } from './random.js';
import type { Toxic } from './tcp-proxy.js';

type Ill = { readonly name: string; readonly toxics: (scene: Scene) => readonly Toxic[] };

/** Of a generator of its own: traffic draws as often as it likes, and the strike goes on as its seed says. */
function toLatency(random: Random): Toxic {
  const latency = random.between(50, 300);
  const { between } = createRandom(latency);
  return { type: 'latency', latency, jitter: () => between(0, 100) };
}

const ILLS: readonly Ill[] = [
  { name: 'latency', toxics: ({ random }) => [toLatency(random)] },
  { name: 'reset', toxics: ({ random }) => [{ type: 'reset_peer', timeout: random.between(0, 300) }] },
  { name: 'half-open', toxics: () => [{ type: 'dead' }] },
  { name: 'nothing passes', toxics: () => [{ type: 'timeout', timeout: 0 }] },
  { name: 'answers do not come', toxics: () => [{ type: 'timeout', timeout: 0, stream: 'downstream' }] },
  { name: 'slicer', toxics: ({ random }) => [{ type: 'slicer', size: random.between(50, 500), delay: 1 }] },
  { name: 'limit_data', toxics: ({ random }) => [{ type: 'limit_data', bytes: random.between(1_000, 20_000) }] },
  { name: 'bandwidth', toxics: ({ random }) => [{ type: 'bandwidth', rate: random.between(20, 100) }] },
];

const between = (server: 'kafka' | 'mongo', label: string): Fault[] =>
  ILLS.map(({ name, toxics }) => ({
    row: `network to ${label}: ${name}`,
    strike: async (scene) => {
      scene.network[server].setToxics(toxics(scene));
      await last(scene.random.between(1_500, 6_000));
      // All connections may still be dead from the fault before: the clients notice after 30 s, and connect anew.
      await eventually(() => scene.network[server].struck() > 0, {
        within: 60_000,
        every: 100,
        what: `something is sent to ${label}`,
      });
      scene.network[server].setToxics([]);
    },
  }));

export const NETWORK_FAULTS: readonly Fault[] = [...between('kafka', 'Kafka'), ...between('mongo', 'MongoDB')];
