import { formatCount, plural } from '../domain/format.js';
import { Message, Tiles } from '../parts/basics.js';
import type { Preview } from './setup-types.js';

type Props = {
  preview: Preview;
  /** False: MFA verification alone, where nobody is synced. */
  userSync: boolean;
  /** User Sync was on: who signed in so far does so no more. */
  isTurnedOff: boolean;
};

/** Who would gain and who would lose, with some of their names. */
export function PreviewResult({ preview, userSync, isTurnedOff }: Props) {
  const { group, people, inScope, guests, disabled, gain, lose, firstSync, complete, notes } = preview;
  const ofAll = people === null ? '' : `of ${plural(people, 'person', 'people')}`;
  const words = userSync ? SYNC_WORDS : REPORT_WORDS;
  return (
    <div class="stack" role="status">
      {group?.displayName != null && (
        <p>
          Group <strong class="wrap">{group.displayName}</strong>
        </p>
      )}
      {inScope !== null && (
        <Tiles
          label="Preview"
          tiles={[
            { label: words.inScope, value: formatCount(inScope), note: ofAll },
            { label: firstSync ? 'Come in' : 'Gain', value: formatCount(gain.count), note: words.gain },
            {
              label: 'Lose',
              value: formatCount(lose.count),
              note: lose.count === 0 ? 'nobody' : isTurnedOff ? 'signed out' : words.lose,
              ...(lose.count > 0 ? { tone: 'bad' as const } : {}),
            },
            { label: 'Guests', value: formatCount(guests), note: 'among those in scope' },
            ...(userSync
              ? [{ label: 'Disabled', value: formatCount(disabled), note: 'in scope, may not sign in' }]
              : []),
          ]}
        />
      )}
      {!complete && (
        <Message level="remark">The directory is large: these are figures of the part that was read.</Message>
      )}
      {notes.map((note) => (
        <Message key={note} level="plain">
          {note}
        </Message>
      ))}
      <div class="columns">
        <Names title={firstSync ? 'Come in' : 'Gain'} side={gain} />
        <Names title="Lose" side={lose} />
      </div>
    </div>
  );
}

const SYNC_WORDS = {
  inScope: 'In scope',
  gain: 'synced, may sign in',
  lose: 'signed out, data purged after 30 days',
};
const REPORT_WORDS = {
  inScope: 'Covered',
  gain: 'covered by the report',
  lose: 'no longer covered, data purged after 30 days',
};

const Names = ({ title, side: { count, sample } }: { title: string; side: Preview['gain'] }) =>
  count === 0 ? null : (
    <section class="stack-s">
      <h3>
        {title}: {formatCount(count)}
        {sample.length < count && sample.length > 0 && `, ${formatCount(sample.length)} of them`}
      </h3>
      <ul>
        {sample.map(({ userId, displayName, userPrincipalName }) => (
          <li key={userId} class="wrap">
            {displayName ?? userId} <span class="soft small">{userPrincipalName}</span>
          </li>
        ))}
      </ul>
    </section>
  );
