import { SERVICES, type ServiceName } from '@muster/scripts';
import { toPersonKey } from '@muster/contracts';
import type { System } from '../../src/system.js';
import { startBenchSystem } from '../bench-system.js';
import { describeSizes, measureDatabase, type CollectionSize } from '../database-size.js';
import { describeShares, systemPids, watchCpu, type CpuShares } from '../cpu-shares.js';
import { waitingIn } from '../../src/waiting-in.js';
import { lookAtRead, startTenant, type BenchTenant } from '../bench-tenant.js';
import { peakMiBOf } from '../program.js';
import { round, type Context, type Measured } from '../row.js';
import { createTimeLimit, TimeIsUp, type TimeLimit } from '../time-limit.js';
import { MEMORY } from './full-reads.js';
import { idsMiB } from './memory.js';
import { floorOf } from './reconciler.js';

/** The stand-in database takes hours for a million; --limit-minutes says how many minutes there are. */
export const LIMIT_MINUTES = 240;
const NOTIFICATIONS_SHARE = 0.1;
const AT_ONCE = 16;
/** Whose document is looked at in the end: one in so many. */
const LOOKED_AT = 100;
const PAGE = 999;

type Stage = { name: 'first load' | 'MFA report' | 'notifications'; seconds: number; note: string; shares: CpuShares };
type Peaks = Record<ServiceName, number>;
type Load = {
  people: number;
  stages: Stage[];
  peaks: Peaks;
  /** Null where the server does not tell. */
  sizes: CollectionSize[] | null;
  died: ServiceName[];
  stoppedIn: string | null;
};

/** The same deployment from the first person to the last notification, at a tenth and at the whole size. */
export async function loadMillion(context: Context): Promise<Measured> {
  const { million, limitMinutes } = context.options;
  const limit = createTimeLimit(limitMinutes ?? LIMIT_MINUTES, (line) => context.say(`S1: ${line}`));
  const loads: Load[] = [];
  for (const people of [Math.round(million / 10), million]) {
    loads.push(await loadOne(context, people, limit));
    if (loads.at(-1)?.stoppedIn !== null) break;
  }
  return judge(loads);
}

async function loadOne(context: Context, people: number, limit: TimeLimit): Promise<Load> {
  const system = await startBenchSystem(context, { label: 'bench million', nodeOptions: MEMORY.join(' ') });
  const pids = new Map(SERVICES.map((service) => [service, system.pidOf(service)]));
  const stages: Stage[] = [];
  const run = async (name: Stage['name'], work: () => Promise<string>): Promise<void> => {
    const begun = performance.now();
    const used = watchCpu(systemPids(context.servers, system));
    const note = await work();
    const [seconds, shares] = [(performance.now() - begun) / 1_000, used()];
    stages.push({ name, seconds, note, shares });
    context.say(`S1: ${people} people, ${name} ${round(seconds, 0)} s ${note}; of one core ${describeShares(shares)}`);
  };
  let stoppedIn: string | null = null;
  try {
    await system.simulator.call('PATCH', '/settings', { pageSizes: { report: PAGE } });
    const tenant = await startTenant(system, { people });
    const watch = { everyMs: 1_000 };
    const read = (kind: 'users' | 'mfa') =>
      limit.until({ ...watch, what: `${people} ${kind}`, look: () => lookAtRead(system, tenant.integrationId, kind) });
    await run('first load', async () => {
      await read('users');
      return '';
    });
    await run('MFA report', async () => {
      await read('mfa');
      return describeReport(system, tenant);
    });
    await run('notifications', () => tellMany(system, tenant, { people, limit }));
  } catch (error) {
    if (!(error instanceof TimeIsUp)) throw error;
    stoppedIn = error.message;
  }
  const peaks = Object.fromEntries(SERVICES.map((one) => [one, peakMiBOf(system.pidOf(one) ?? 0)])) as Peaks;
  const died = SERVICES.filter((service) => system.pidOf(service) !== pids.get(service));
  const sizes = await measureDatabase(system.mongodbUri).catch(() => null);
  await system.stop();
  return { people, stages, peaks, sizes, died, stoppedIn };
}

/** From its first page to its last, beside what Graph lets through; on the real clock. */
async function describeReport({ store }: System, { integrationId }: BenchTenant): Promise<string> {
  const record = await store.snapshots.last(integrationId, 'mfa', ['complete']);
  if (!record?.publishedAt) throw new Error('the report was not read');
  const seconds = (Date.parse(record.publishedAt) - Date.parse(record.startedAt)) / 1_000;
  return `(read in ${round(seconds, 0)} s, Graph's floor ${floorOf(record.pages)} s)`;
}

type Telling = { people: number; limit: TimeLimit };

/** One person in ten is changed; done when nothing waits and the documents that are looked at have it. */
async function tellMany(system: System, { tenant }: BenchTenant, { people, limit }: Telling): Promise<string> {
  const wanted = Math.ceil(people * NOTIFICATIONS_SHARE);
  const department = 'Told';
  const ids: string[] = [];
  while (ids.length < wanted) {
    const page = await system.simulator.call(
      'GET',
      `/tenants/${tenant.tenantId}/truth?skip=${ids.length}&top=${Math.min(PAGE, wanted - ids.length)}`,
    );
    if (page.users.length === 0) break;
    for (const { id } of page.users) ids.push(id);
  }
  const waiting = [...ids];
  let changed = 0;
  const change = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      await system.simulator.call('PATCH', `/tenants/${tenant.tenantId}/users/${id}`, { department });
      changed += 1;
    }
  };
  const changing = Promise.all(Array.from({ length: AT_ONCE }, change));
  let left = ids.filter((_, index) => index % LOOKED_AT === 0);
  const look = async (): Promise<string | null> => {
    if (changed < ids.length) return `${changed} of ${ids.length} changed`;
    const lag = await waitingIn(system);
    if (lag > 0) return `${lag} messages wait`;
    const documents = await system.store.users.load(left.map((id) => toPersonKey(tenant.tenantId, id)));
    left = left.filter((id) => documents.get(toPersonKey(tenant.tenantId, id))?.document.department !== department);
    return left.length > 0 ? `${left.length} of those looked at are not yet changed` : null;
  };
  await limit.until({ what: `${ids.length} notifications`, everyMs: 1_000, look });
  await changing;
  return `(${ids.length} people)`;
}

function judge(loads: readonly Load[]): Measured {
  const [tenth, whole] = loads;
  const isWhole = whole !== undefined && whole.stoppedIn === null;
  const apart = ({ people, peaks }: Load): number => peaks.reconciler - idsMiB(people);
  const ratios =
    tenth && whole
      ? { reconciler: apart(whole) / apart(tenth), projector: whole.peaks.projector / tenth.peaks.projector }
      : null;
  const each = loads.map(({ people, stages, peaks, sizes, died, stoppedIn }) => {
    const told = stages.map(({ name, seconds, note }) => `${name} ${round(seconds, 0)} s ${note}`.trim()).join(', ');
    const memory = SERVICES.map((service) => `${service} ${round(peaks[service], 0)}`).join(', ');
    const ended = stoppedIn === null ? '' : `; time was up: ${stoppedIn}`;
    const restarts = died.length === 0 ? '' : `; started again: ${died.join(', ')}`;
    return `${people} people: ${told}; peak MiB ${memory}; ${describeSizes(sizes)}${ended}${restarts}`;
  });
  const ratio = ratios ? `reconciler ${round(ratios.reconciler)} ×, projector ${round(ratios.projector)} ×; ` : '';
  const isFlat = ratios !== null && Math.max(ratios.reconciler, ratios.projector) <= 1.1;
  return {
    measured: `${ratio}${each.join('; ')}`,
    met: isWhole ? isFlat && loads.every(({ died }) => died.length === 0) : null,
    samples: { loads },
    notes: [
      'one deployment for each size: simulator, receiver, Kafka, database; everything on the real clock',
      ...loads.flatMap(({ people, stages }) =>
        stages.map(({ name, shares }) => `${people}, ${name}: of one core ${describeShares(shares)}`),
      ),
    ],
  };
}
