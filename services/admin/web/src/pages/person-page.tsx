import { useLocation, useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import { toQuery, post } from '../api/client.js';
import { isAbsent, refresh, useGet, useHasRoute } from '../api/queries.js';
import type { Page as PageOf, User } from '../domain/api-types.js';
import { formatInstant, formatWhen, localizeInstants } from '../domain/format.js';
import { toHistory, type HistoryItem } from '../domain/history.js';
import { MFA_WORDS, STATUS_WORDS } from '../domain/words.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Failed, Load, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { NewerOlder } from '../parts/newer-older.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';

/** One person: the document, MFA with its source and age, why in scope, and every change. */
export function PersonPage() {
  const { params, query } = { params: useRoute().params, query: useLocation().query };
  const userId = params.userId ?? '';
  const suffix = toQuery({ integrationId: query.integration });
  const user = useGet<User>(`/users/${userId}${suffix}`, { every: 5_000 });
  const title = user.data?.displayName ?? (user.data ? user.data.userId : 'Person');
  return (
    <Page
      title={title}
      lead={user.data?.userPrincipalName ?? undefined}
      crumbs={[{ text: 'People', href: `/people${toQuery({ integration: query.integration })}` }]}
      actions={user.data && <SyncNow userId={userId} suffix={suffix} />}
    >
      <Load query={user} lines={10}>
        {(data) => (
          <>
            <div class="columns">
              <WhoCard user={data} />
              <div class="stack">
                <ScopeCard user={data} asked={{ userId, suffix }} />
                <MfaCard user={data} />
              </div>
            </div>
            <ExplainCard userId={userId} suffix={suffix} />
            <HistoryCard key={userId} userId={userId} integrationId={query.integration} />
          </>
        )}
      </Load>
    </Page>
  );
}

type Asked = { userId: string; suffix: string };

function SyncNow({ userId, suffix }: Asked) {
  const has = useHasRoute('/users/{userId}/sync');
  const toast = useToast();
  const sync = useAction(async () => {
    await post(`/users/${userId}/sync${suffix}`);
    toast('Asked for: the person is read again within seconds.');
    await refresh(`/users/${userId}`);
  });
  if (!has) return null;
  return (
    <div class="stack-s">
      <ActionButton action={sync} busy="Asking …">
        Sync now
      </ActionButton>
      {sync.error && <Failed error={sync.error} />}
    </div>
  );
}

const yesNo = (value: boolean | null): string => (value === null ? 'not known' : value ? 'yes' : 'no');

function WhoCard({ user }: { user: User }) {
  const now = useNow();
  const rows: [string, string | null][] = [
    ['Name', user.displayName],
    ['Given name', user.givenName],
    ['Surname', user.surname],
    ['Sign-in name', user.userPrincipalName],
    ['Mail', user.mail],
    ['Job title', user.jobTitle],
    ['Department', user.department],
    ['Kind', user.userType],
    ['Account enabled', yesNo(user.accountEnabled)],
    ['Object ID', user.userId],
  ];
  return (
    <Card title="Document" aside={<Pill word={STATUS_WORDS[user.status]} />}>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <>
            <dt key={name}>{name}</dt>
            <dd>{value ?? <span class="soft">none</span>}</dd>
          </>
        ))}
        <dt>Revision</dt>
        <dd>{user.revision}</dd>
        <dt>Last seen so</dt>
        <dd>
          {formatWhen(user.observedAt, now)} <span class="soft">({formatInstant(user.observedAt, now)})</span>
        </dd>
        <dt>Last changed</dt>
        <dd>
          {formatWhen(user.changedAt, now)} <span class="soft">({formatInstant(user.changedAt, now)})</span>
        </dd>
      </dl>
    </Card>
  );
}

function ScopeCard({ user: { ssoEnabled, inGroup, groupPath, status }, asked }: { user: User; asked: Asked }) {
  const { chosen } = useScope();
  const { data: explained } = useExplained(asked);
  const nameOf = (id: string) => explained?.path.find(({ groupId }) => groupId === id)?.displayName ?? null;
  const isEveryone = chosen?.groupId === null;
  const word = ssoEnabled
    ? ({ text: 'may sign in', tone: 'good' } as const)
    : ({ text: 'may not sign in', tone: 'bad' } as const);
  const why = (): string => {
    if (status === 'deleted') return 'Deleted in Entra.';
    if (status === 'disabled') return 'The account is disabled in Entra.';
    if (isEveryone) return 'No group is chosen, so everyone is in scope.';
    if (!inGroup) return 'Not in the chosen group.';
    if (groupPath.length === 0) return 'In the chosen group; by which way is looked up within seconds.';
    return groupPath.length > 1 ? 'In the chosen group by way of a nested group:' : 'Directly in the chosen group:';
  };
  return (
    <Card title="Scope" aside={<Pill word={word} />}>
      <div class="stack-s">
        <p>{why()}</p>
        {inGroup && groupPath.length > 0 && (
          <ol class="path" aria-label="From the chosen group down to the person">
            {groupPath.map((groupId) => (
              <li key={groupId} title={groupId}>
                {nameOf(groupId) ?? <code>{groupId}</code>}
              </li>
            ))}
          </ol>
        )}
      </div>
    </Card>
  );
}

function MfaCard({ user: { mfaState, mfa } }: { user: User }) {
  const now = useNow();
  const word = MFA_WORDS[mfaState];
  const { chosen } = useScope();
  // A row that stays the same keeps its dates: that it is so still is known since the newest report was read.
  const readAt = [mfa?.observedAt ?? '', chosen?.completed?.mfa?.startedAt ?? ''].toSorted()[1] ?? null;
  return (
    <Card title="MFA" aside={<Pill word={word} />}>
      <div class="stack">
        <p>{word.means}</p>
        {mfa && (
          <dl class="facts">
            <dt>Methods</dt>
            <dd>{mfa.methodsRegistered.length === 0 ? 'none' : mfa.methodsRegistered.join(', ')}</dd>
            <dt>Passwordless</dt>
            <dd>{yesNo(mfa.isPasswordlessCapable)}</dd>
            <dt>Administrator</dt>
            <dd>{yesNo(mfa.isAdmin)}</dd>
            <dt>Source</dt>
            <dd>Microsoft’s registration report{mfa.stale && '; the newest one no longer has this person'}</dd>
            <dt>Age</dt>
            <dd>
              {mfa.stale ? 'last in the report of ' : `read ${formatWhen(readAt, now)}; unchanged since the report of `}
              {formatWhen(mfa.reportedAt, now)}
            </dd>
          </dl>
        )}
      </div>
    </Card>
  );
}

type Explained = { sentences: string[]; path: { groupId: string; displayName: string | null }[] };

/** Asked for by two cards, once. */
function useExplained({ userId, suffix }: Asked) {
  const has = useHasRoute('/users/{userId}/explain');
  return useGet<Explained>(has ? `/users/${userId}/explain${suffix}` : null);
}

function ExplainCard(asked: Asked) {
  const explained = useExplained(asked);
  if (!explained.data && !explained.error) return null;
  return (
    <Card title="Why is it so?">
      <Load query={explained}>
        {({ sentences }) => (
          <ul class="stack-s">
            {sentences.map((sentence) => (
              <li key={sentence} class="wrap">
                {localizeInstants(sentence)}
              </li>
            ))}
          </ul>
        )}
      </Load>
    </Card>
  );
}

function HistoryCard({ userId, integrationId }: { userId: string; integrationId: string | undefined }) {
  const now = useNow();
  const has = useHasRoute('/users/{userId}/history');
  const [cursors, setCursors] = useState<string[]>([]);
  const page = toQuery({ integrationId, cursor: cursors.at(-1) });
  const history = useGet<PageOf<HistoryItem>>(has ? `/users/${userId}/history${page}` : null, {
    every: 15_000,
    keep: true,
  });
  if (!has || isAbsent(history.error)) return null;
  return (
    <Card title="History">
      <Load query={history}>
        {(data) => {
          const entries = toHistory(data.items);
          if (entries.length === 0) return <p class="soft">No change has been told yet.</p>;
          return (
            <div class="stack">
              <ol class="history">
                {entries.map(({ key, at, title, changes, summary, steps }) => (
                  <li key={key}>
                    <strong>{title}</strong> <span class="soft">{formatInstant(at, now)}</span>
                    {changes.map(([field, value]) => (
                      <p key={field} class="wrap">
                        <span class="soft">{field}</span> {value}
                      </p>
                    ))}
                    <p class="small soft">{summary}</p>
                    <ol class="path small soft" aria-label="Its way">
                      {steps.map(({ text, at: when }) => (
                        <li key={text} title={formatInstant(when, now)}>
                          {text}
                        </li>
                      ))}
                    </ol>
                  </li>
                ))}
              </ol>
              <NewerOlder cursors={cursors} next={data.nextCursor ?? null} setCursors={setCursors} />
            </div>
          );
        }}
      </Load>
    </Card>
  );
}
