import { useState } from 'preact/hooks';
import { call, toQuery } from '../api/client.js';
import { refresh, useGet, useHasRoute } from '../api/queries.js';
import type { DeadLetter, Page as PageOf } from '../domain/api-types.js';
import { formatInstant, formatWhen, toTitle } from '../domain/format.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Empty, Failed, Load, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { NewerOlder } from '../parts/newer-older.js';
import { Page } from '../parts/page.js';

/** Messages that could not be handled: why, what was in them, and once more. */
export function DeadLettersPage() {
  const [cursors, setCursors] = useState<string[]>([]);
  const path = `/dead-letters${toQuery({ limit: 50, cursor: cursors.at(-1) })}`;
  const letters = useGet<PageOf<DeadLetter>>(path, { every: 10_000, keep: true });
  return (
    <Page
      title="Dead letters"
      lead="Messages that could not be handled, of the last 30 days, newest first. Secrets are masked."
    >
      <Load query={letters}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <section class="card">
              <Empty title="Nothing was refused">Every message of the last 30 days could be handled.</Empty>
            </section>
          ) : (
            <>
              {items.map((letter) => (
                <LetterCard key={`${letter.partition ?? 0}/${letter.offset}`} letter={letter} />
              ))}
              <NewerOlder cursors={cursors} next={nextCursor} setCursors={setCursors} />
            </>
          )
        }
      </Load>
    </Page>
  );
}

function LetterCard({ letter }: { letter: DeadLetter }) {
  const now = useNow();
  const { offset, partition = 0, origin, reason, payload, at, replayed } = letter;
  return (
    <Card
      title={toTitle(reason.message)}
      about={`letter ${partition}/${offset}`}
      id={`letter-${partition}-${offset}`}
      aside={<Pill word={{ text: reason.code, tone: 'bad' }} />}
    >
      <div class="stack-s">
        <p class="soft">
          {formatWhen(at, now)} ({formatInstant(at, now)})
          {origin && `, from ${origin.topic}, partition ${origin.partition}, offset ${origin.offset}`}
          {origin?.key != null && (
            <>
              , key <code>{origin.key}</code>
            </>
          )}
        </p>
        <details>
          <summary>What was in it</summary>
          <pre tabIndex={0}>{typeof payload === 'string' ? payload : JSON.stringify(payload, null, 2)}</pre>
        </details>
        {replayed && (
          <p>
            Sent again {formatWhen(replayed.at, now)} by {replayed.by}
            {replayed.times > 1 && `, ${replayed.times} times in all`}.
          </p>
        )}
        <Replay partition={partition} offset={offset} />
      </div>
    </Card>
  );
}

const REPLAY = '/dead-letters/{partition}/{offset}/replay';

function Replay({ partition, offset }: { partition: number; offset: string }) {
  const has = useHasRoute(REPLAY);
  const toast = useToast();
  const replay = useAction(async () => {
    await call('POST', `/dead-letters/${partition}/${offset}/replay`);
    toast('Sent again: it is handled like a new message.');
    await refresh('/dead-letters', '/status');
  });
  if (!has) return null;
  return (
    <div class="row">
      <ActionButton action={replay} small busy="Sending …">
        Replay
      </ActionButton>
      {replay.error && <Failed error={replay.error} />}
    </div>
  );
}
