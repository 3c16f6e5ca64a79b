import { useState } from 'preact/hooks';
import { post, toQuery } from '../api/client.js';
import { refresh, useGet } from '../api/queries.js';
import type { Page as PageOf, Plan, PlanPerson } from '../domain/api-types.js';
import { formatCount, formatInstant, formatWhen, plural } from '../domain/format.js';
import { REMOVAL_WORDS, toWord } from '../domain/words.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Failed, Load, Message, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { Paging } from '../parts/paging.js';
import { personAddress } from './addresses.js';

/** Rows of people that are shown at once; a vanished group may hold everyone. */
const PAGE_SIZE = 50;

/** Removals that were too many at once: allow or refuse, everybody or those that are ticked. */
export function PlanCard({ plan }: { plan: Plan }) {
  const now = useNow();
  const { planId, state, reason, inScope, counts, createdAt, decidedAt, decidedBy } = plan;
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const isWaiting = state === 'waiting';
  // Of plans that were answered only the figures are asked for, until somebody wants to see more.
  const [isOpen, setOpen] = useState(isWaiting);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const toggle = (userId: string): void => {
    const next = new Set(ticked);
    if (!next.delete(userId)) next.add(userId);
    setTicked(next);
  };
  return (
    <Card
      title={`${plural(total, 'removal')} of ${plural(inScope, 'person', 'people')}`}
      id={`plan-${planId}`}
      aside={<Pill word={toWord(state)} />}
    >
      <div class="stack">
        {isWaiting && (
          <Message level="remark">
            {reason} Until somebody answers, these people stay as they are. Each one is read once more before it is
            removed.
          </Message>
        )}
        <p class="soft">
          Made {formatWhen(createdAt, now)}.{' '}
          {decidedAt !== null &&
            `Answered ${formatWhen(decidedAt, now)}${decidedBy === null ? '' : ` by ${decidedBy}`}. `}
          {counts.removed > 0 && `${formatCount(counts.removed)} removed. `}
          {counts.stayed > 0 && `${formatCount(counts.stayed)} turned out to be still there. `}
          {counts.refused > 0 && `${formatCount(counts.refused)} kept. `}
          {counts.superseded > 0 && `${formatCount(counts.superseded)} need no answer any more. ${reason}`}
        </p>
        {isOpen ? (
          <People plan={plan} ticked={ticked} toggle={toggle} done={() => setTicked(new Set())} />
        ) : (
          <p>
            <button type="button" class="button" onClick={() => setOpen(true)}>
              Show the people
            </button>
          </p>
        )}
      </div>
    </Card>
  );
}

type PeopleProps = { plan: Plan; ticked: ReadonlySet<string>; toggle: (userId: string) => void; done: () => void };

/** What is ticked stays while one goes from page to page; an answer is for the plan as it was when these people were read. */
function People({ plan: { planId, integrationId, createdAt }, ticked, toggle, done }: PeopleProps) {
  const now = useNow();
  const [cursors, setCursors] = useState<string[]>([]);
  const path = `/plans/${planId}/people${toQuery({ limit: PAGE_SIZE, cursor: cursors.at(-1) })}`;
  const people = useGet<PageOf<PlanPerson> & { plan: Plan }>(path, { every: 15_000, keep: true });
  return (
    <Load query={people}>
      {({ items, nextCursor, plan }) => (
        <>
          {plan.state === 'waiting' && <Answers plan={plan} ticked={ticked} done={done} />}
          <ul class="people-grid" aria-label="People">
            {items.map((person) => (
              <PersonRow
                key={person.userId}
                person={person}
                href={personAddress(person.userId, integrationId)}
                isTicked={ticked.has(person.userId)}
                toggle={() => toggle(person.userId)}
              />
            ))}
          </ul>
          {(cursors.length > 0 || nextCursor !== null) && (
            <Paging
              {...{ cursors, setCursors }}
              next={nextCursor}
              pageSize={PAGE_SIZE}
              count={items.length}
              label={`People of the plan of ${formatInstant(createdAt, now)}`}
            />
          )}
        </>
      )}
    </Load>
  );
}

type RowProps = { person: PlanPerson; href: string; isTicked: boolean; toggle: () => void };

const PersonRow = ({ person: { userId, displayName, why, state }, href, isTicked, toggle }: RowProps) => (
  <li class="row nowrap-row">
    {state === 'waiting' && (
      <input type="checkbox" aria-label={`Choose ${displayName ?? userId}`} checked={isTicked} onChange={toggle} />
    )}
    <span class="wrap">
      <a href={href}>{displayName ?? <code>{userId}</code>}</a>
      <br />
      <span class="soft small">{REMOVAL_WORDS[why] ?? why}</span>
    </span>
    {state !== 'waiting' && (
      <span class="push">
        <Pill word={toWord(state)} />
      </span>
    )}
  </li>
);

type AnswersProps = { plan: Plan; ticked: ReadonlySet<string>; done: () => void };

function Answers({ plan: { planId, updatedAt: seenAt, counts }, ticked, done }: AnswersProps) {
  const toast = useToast();
  const answer = (verb: 'allow' | 'refuse') => async (): Promise<void> => {
    await post(`/plans/${planId}/${verb}`, ticked.size === 0 ? { seenAt } : { userIds: [...ticked], seenAt });
    toast(verb === 'allow' ? 'Allowed: each person is read once more first.' : 'Refused: these people are kept.');
    done();
    await refresh('/plans', '/status');
  };
  const allow = useAction(answer('allow'));
  const refuse = useAction(answer('refuse'));
  const whom = ticked.size === 0 ? `all ${formatCount(counts.waiting)}` : `${formatCount(ticked.size)} chosen`;
  return (
    <div class="stack-s">
      <div class="row">
        <ActionButton action={allow} kind="danger">
          Allow removal of {whom}
        </ActionButton>
        <ActionButton action={refuse}>Refuse: keep {whom}</ActionButton>
      </div>
      {allow.error && <Failed error={allow.error} />}
      {refuse.error && <Failed error={refuse.error} />}
    </div>
  );
}
