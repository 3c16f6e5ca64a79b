// Renames a simulated user and waits to see it by the API: is the whole way alive, and how long is it?
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { createAdminApi } from './admin-api.js';
import { createSimulatorControl, TENANT_ID } from './simulator-control.js';
import { loadKeys } from './stack/keys.js';
import { createLayout } from './stack/layout.js';
import { describeFailure } from './stack/progress.js';
import { StackError } from './stack/stack-error.js';
import { addressesFileOf } from './stack/system.js';
import { waitUntil } from './stack/wait-until.js';

const SEEN_WITHIN_MS = 15_000;
const FIRST_LOAD_WITHIN_MS = 60_000;

const addresses = z.object({
  adminUrl: z.string(),
  simulatorUrl: z.string(),
  caFile: z.string(),
  keysFile: z.string(),
});
const user = z.object({ userId: z.string(), displayName: z.string().nullable() });
const userPage = z.object({ items: z.array(user) });
const settled = z.object({
  integrations: z
    .array(
      z.object({
        subscriptions: z.array(z.object({ resource: z.string(), status: z.string() })),
        snapshots: z.object({ users: z.object({ state: z.string() }).nullable() }),
      }),
    )
    .min(1),
});

function loadAddresses(): z.infer<typeof addresses> {
  const file = process.env.MUSTER_ADDRESSES_FILE ?? addressesFileOf(createLayout());
  if (existsSync(file)) return addresses.parse(JSON.parse(readFileSync(file, 'utf8')));
  throw new StackError('No running system was found.', 'Start it in another terminal: ./scripts/start --demo');
}

async function smoke(): Promise<number> {
  const { adminUrl, simulatorUrl, caFile, keysFile } = loadAddresses();
  const admin = createAdminApi({
    adminUrl,
    key: process.env.MUSTER_API_KEY ?? loadKeys(keysFile).MUSTER_BOOTSTRAP_KEY,
  });
  const simulator = createSimulatorControl(simulatorUrl, caFile);
  const tenant = await simulator.seedTenant();
  await admin.connect({ ...tenant, tenantId: TENANT_ID });

  // Before, a change is seen by the first load, or by the sweep behind it: that is another way, and a longer one.
  const isFollowing = async (): Promise<boolean> =>
    settled
      .parse((await admin.ask('/status')).body)
      .integrations.every(
        ({ subscriptions, snapshots }) =>
          snapshots.users?.state === 'complete' &&
          subscriptions.some(({ resource, status }) => resource === '/users' && status === 'live'),
      );
  await waitUntil(isFollowing, {
    what: 'the first load is complete and changes are told',
    withinMs: FIRST_LOAD_WITHIN_MS,
  });

  const seen: z.infer<typeof user>[] = [];
  const anyoneSeen = async (): Promise<boolean> => {
    const { items } = userPage.parse((await admin.ask('/users?limit=1&status=active&inGroup=true')).body);
    return seen.push(...items) > 0;
  };
  await waitUntil(anyoneSeen, { what: 'a user is seen at /api/v1/users', withinMs: FIRST_LOAD_WITHIN_MS });
  const [person] = seen;
  if (!person?.displayName) throw new Error('the first user has no display name');

  const { userId, displayName } = person;
  const isNamed = async (name: string): Promise<boolean> =>
    user.parse((await admin.ask(`/users/${userId}`)).body).displayName === name;
  const newName = `Smoke ${new Date().toISOString()}`;
  const begin = performance.now();
  await simulator.renameUser(userId, newName);
  try {
    const what = 'the new name is seen at /api/v1/users/{userId}';
    await waitUntil(() => isNamed(newName), { what, withinMs: SEEN_WITHIN_MS, everyMs: 10 });
    return performance.now() - begin;
  } finally {
    await simulator.renameUser(userId, displayName);
  }
}

try {
  console.log(`a renamed user is seen after ${(await smoke()).toFixed(0)} ms`);
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
