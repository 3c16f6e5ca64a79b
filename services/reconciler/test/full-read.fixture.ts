// For the bench: one full read of PEOPLE people who are made page by page, as fast as it goes; the report within its
// budget on a clock that jumps. Log and database are left out: prints a line of JSON about time, throttling and memory.
import { createReportBudget } from '@muster/graph-client';
import { takeSnapshot } from '../src/take-snapshot.js';
import { madePages } from './support/made-pages.js';
import { createMemoryPorts } from './support/memory-ports.js';
import { createTenant, toRow, toUser } from './support/tenant.js';

const people = Number(process.env.PEOPLE ?? 10_000);
const kind = process.env.KIND === 'mfa' ? 'mfa' : 'users';

let clock = 0;
const wait = (ms: number): Promise<void> => {
  clock += ms;
  return Promise.resolve();
};
const begun: number[] = [];
const budget = createReportBudget({ turn: () => Promise.resolve(), now: () => clock, wait });

const beforePage = async (): Promise<void> => {
  if (kind === 'mfa') await budget.take('full', 1);
  begun.push(clock);
  await Promise.resolve();
};

const ports = createMemoryPorts();
const tenant = createTenant();
const settings = { ...tenant.settings, groupId: null };
ports.settings.set(settings.integrationId, settings);
ports.graphs.set(settings.integrationId, {
  ...tenant,
  graph: {
    ...tenant.graph,
    countUsers: () => Promise.resolve(people),
    userPages: () => madePages({ people, beforePage, toOne: (userId) => toUser(userId) }),
    mfaPages: () => madePages({ people, beforePage, toOne: toRow }),
  },
});
const { publish } = ports.deps.publisher;
let published = 0;
ports.deps.publisher.publish = async (events) => {
  published += events.length;
  await publish(events.filter(({ partition }) => partition !== undefined));
};

const startedAt = performance.now();
const outcome = await takeSnapshot(ports.deps, {
  settings,
  kind,
  reason: 'bench',
  resume: null,
  signal: new AbortController().signal,
  pause: wait,
});
/** Most pages that began within any 10 s; Graph refuses the sixth. */
const most = begun.reduce(
  (highest, from, index) => Math.max(highest, begun.slice(index, index + 12).filter((at) => at < from + 10_000).length),
  0,
);
console.log(
  JSON.stringify({
    outcome,
    failure: ports.snapshots.at(-1)?.failure ?? null,
    pages: begun.length,
    published,
    virtualSeconds: (begun.at(-1) ?? 0) / 1_000,
    mostInTenSeconds: kind === 'mfa' ? most : null,
    seconds: (performance.now() - startedAt) / 1_000,
    peakMiB: process.resourceUsage().maxRSS / 1_024,
  }),
);
