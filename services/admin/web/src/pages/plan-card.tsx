import { useState } from 'preact/hooks';
import { post } from '../api/client.js';
import { refresh } from '../api/queries.js';
import type { Plan } from '../domain/api-types.js';
import { formatCount, formatWhen, plural } from '../domain/format.js';
import { REMOVAL_WORDS, toWord } from '../domain/words.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Failed, Message, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { personAddress } from './addresses.js';

/** Rows of people that are shown at once; a vanished group may hold everyone. */
const SHOWN = 50;

/** Removals that were too many at once: allow or refuse, everybody or those that are ticked. */
export function PlanCard({ plan }: { plan: Plan }) {
  const now = useNow();
  const { planId, state, reason, inScope, counts, candidates, createdAt, decidedAt, decidedBy } = plan;
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState(SHOWN);
  const isWaiting = state === 'waiting';
  const toggle = (userId: string): void => {
    const next = new Set(ticked);
    if (!next.delete(userId)) next.add(userId);
    setTicked(next);
  };
  return (
    <Card
      title={`${plural(candidates.length, 'removal')} of ${formatCount(inScope)} people`}
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
        </p>
        {isWaiting && <Answers plan={plan} ticked={ticked} done={() => setTicked(new Set())} />}
        <ul class="people-grid" aria-label="People">
          {candidates.slice(0, shown).map((candidate) => (
            <li key={candidate.userId} class="row nowrap-row">
              {candidate.state === 'waiting' && (
                <input
                  type="checkbox"
                  aria-label={`Choose ${candidate.displayName ?? candidate.userId}`}
                  checked={ticked.has(candidate.userId)}
                  onChange={() => toggle(candidate.userId)}
                />
              )}
              <span class="wrap">
                <a href={personAddress(candidate.userId, plan.integrationId)}>
                  {candidate.displayName ?? <code>{candidate.userId}</code>}
                </a>
                <br />
                <span class="soft small">{REMOVAL_WORDS[candidate.why] ?? candidate.why}</span>
              </span>
              {candidate.state !== 'waiting' && (
                <span class="push">
                  <Pill word={toWord(candidate.state)} />
                </span>
              )}
            </li>
          ))}
        </ul>
        {candidates.length > shown && (
          <p>
            <button type="button" class="button" onClick={() => setShown(shown + 200)}>
              Show more of {formatCount(candidates.length)}
            </button>
          </p>
        )}
      </div>
    </Card>
  );
}

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
