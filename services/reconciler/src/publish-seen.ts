import { isOut, topicsOf } from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Store } from '@muster/store';
import type { ObservationEvent } from './domain/observations.js';

type Ports = { store: { users: Pick<Store['users'], 'load'> }; publisher: Pick<Publisher, 'publish'> };

/** Tells each on its topics. Who is out is looked up, for one without a document is told behind full reads, too. */
export async function publishSeen({ store, publisher }: Ports, events: readonly ObservationEvent[]): Promise<void> {
  if (events.length === 0) return;
  const out = events.filter(({ value }) => isOut(value)).map(({ key }) => key);
  const known = out.length === 0 ? null : await store.users.load(out);
  await publisher.publish(
    events.flatMap((event) => {
      const isKnown = known?.has(event.key) ?? false;
      return topicsOf(event.value, { isKnown }).map((topic) => ({ topic, ...event }));
    }),
  );
}
