import { randomUUID } from 'node:crypto';
import { syncRequest } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import { addPeople, type World } from './world.js';

const WITHIN = { within: 60_000 };
/** Of Graph's delta answers; each costs one unit. */
const ROWS_A_PAGE = 200;

const allHandled = (world: World): Promise<unknown> =>
  eventually(async () => (await world.lag('notifications')) === 0, WITHIN);

/** Units of Graph a change, when one person changes after the other. The projector must run. */
export async function unitsOfSingleChanges(world: World, groupId: string | null, changes = 20): Promise<number> {
  const tenant = await world.addTenant({ groupId });
  const people = await addPeople(world, tenant, changes);
  tenant.directory.units = 0;
  for (const person of people) {
    tenant.directory.users.set(person.userId, { ...person, jobTitle: 'Changed' });
    await tenant.notify({ entityId: person.userId });
    await eventually(() => world.changesOf(person.userId).length === 2, WITHIN);
  }
  return tenant.directory.units / people.length;
}

/**
 * Units a change, when all come at once. Whoever changed is on one page of one of the sweeps; a sweep that finds nothing
 * more has one page all the same.
 */
export async function unitsOfBurst(world: World, changes = 10_000): Promise<{ units: number; sweeps: number }> {
  const tenant = await world.addTenant();
  const people = Array.from({ length: changes }, () => tenant.addUser());
  await Promise.all(people.map(({ userId }) => tenant.notify({ entityId: userId })));
  await allHandled(world);
  const sweeps = (await world.log.readNewest('requests', 100))
    .map(({ value }) => syncRequest.parse(JSON.parse(String(value))))
    .filter(({ type }) => type === 'sweep').length;
  return { units: (tenant.directory.units + changes / ROWS_A_PAGE + sweeps) / changes, sweeps };
}

/** Reads of Graph a person, when each is told ten times and out of order. Starts the projector behind the queue. */
export async function readsOfRepeats(world: World, changes = 300): Promise<number> {
  const tenant = await world.addTenant();
  const people = Array.from({ length: changes }, () => tenant.addUser());
  const told = people.flatMap(({ userId }) => Array.from({ length: 10 }, () => ({ userId, order: randomUUID() })));
  const shuffled = told.sort((left, right) => (left.order < right.order ? -1 : 1));
  await Promise.all(shuffled.map(({ userId }) => tenant.notify({ entityId: userId })));
  await world.startProjector();
  await eventually(() => people.every(({ userId }) => world.changesOf(userId).length === 1), WITHIN);
  await allHandled(world);
  return tenant.directory.reads.length / people.length;
}
