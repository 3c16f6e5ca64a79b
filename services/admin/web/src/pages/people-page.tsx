import { useLocation } from 'preact-iso';
import { useEffect, useRef, useState } from 'preact/hooks';
import { toQuery } from '../api/client.js';
import { useGet, useHasRoute } from '../api/queries.js';
import type { IntegrationStatus, Page as PageOf, User } from '../domain/api-types.js';
import { plural } from '../domain/format.js';
import { isFiltered, NO_FILTERS, readFilters, toApiFilters, type PeopleFilters } from '../domain/people-query.js';
import { isReportAlone } from '../domain/verdict.js';
import { MFA_WORDS, STATUS_WORDS } from '../domain/words.js';
import { Card, Empty, Load, Pill } from '../parts/basics.js';
import { Page } from '../parts/page.js';
import { Paging } from '../parts/paging.js';
import { IntegrationPicker, useScope } from '../parts/scope.js';
import { Table } from '../parts/table.js';
import { personAddress, setupAddress } from './addresses.js';

const PAGE_SIZE = 50;
const TYPING_MS = 250;

/** A table for 100,000: found, filtered and paged by the server. */
export function PeoplePage() {
  const { status, chosen } = useScope();
  const integrationId = chosen?.integrationId;
  return (
    <Page
      title="People"
      lead={chosen ? `${plural(chosen.people.total, 'person', 'people')} of ${chosen.name}.` : undefined}
      actions={
        <>
          <IntegrationPicker />
          <ExportLinks />
        </>
      }
    >
      {/* Not before it is known whose people: a list that begins anew would lose what was typed meanwhile. */}
      <Load query={status} lines={10}>
        {() => <People key={integrationId} integrationId={integrationId} />}
      </Load>
    </Page>
  );
}

function ExportLinks() {
  const { chosen } = useScope();
  const { query } = useLocation();
  const hasExport = useHasRoute('/users/export');
  if (!chosen || !hasExport) return null;
  const filters = { ...toApiFilters(readFilters(query)), integrationId: chosen.integrationId };
  return (
    <>
      {['csv', 'ndjson'].map((format) => (
        <a key={format} class="button" download href={`/api/v1/users/export${toQuery({ format, ...filters })}`}>
          Export {format.toUpperCase()}
        </a>
      ))}
    </>
  );
}

function People({ integrationId }: { integrationId: string | undefined }) {
  const { query, path, route } = useLocation();
  const { chosen } = useScope();
  const filters = readFilters(query);
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1);
  const list = useGet<PageOf<User>>(
    `/users${toQuery({ limit: PAGE_SIZE, cursor, integrationId, ...toApiFilters(filters) })}`,
    { every: 15_000, keep: true },
  );
  const change = (next: Partial<PeopleFilters>): void => {
    setCursors([]);
    route(`${path}${toQuery({ ...filters, ...next, integration: query.integration })}`, true);
  };
  return (
    <Card>
      <div class="stack">
        <Filters filters={filters} change={change} />
        <Load query={list} lines={10}>
          {({ items, nextCursor }) =>
            items.length === 0 ? (
              <NobodyFound integration={chosen} isNarrowed={isFiltered(filters)} clear={() => change(NO_FILTERS)} />
            ) : (
              <>
                <PeopleTable items={items} integrationId={integrationId} />
                <Paging {...{ cursors, setCursors }} next={nextCursor} pageSize={PAGE_SIZE} count={items.length} />
              </>
            )
          }
        </Load>
      </div>
    </Card>
  );
}

type NobodyProps = { integration: IntegrationStatus | null; isNarrowed: boolean; clear: () => void };

function NobodyFound({ integration, isNarrowed, clear }: NobodyProps) {
  if (isNarrowed)
    return (
      <Empty
        title="Nobody fits"
        action={
          <button type="button" class="button" onClick={clear}>
            Clear the filters
          </button>
        }
      >
        Nobody in this directory fits the search and the filters.
      </Empty>
    );
  if (!integration || !isReportAlone(integration))
    return <Empty title="Nobody yet">People appear here when the first full read has come through.</Empty>;
  return (
    <Empty
      title="Nobody by name"
      action={
        <a class="button" href={setupAddress(integration.integrationId, 3)}>
          Change the features
        </a>
      }
    >
      MFA Verification alone keeps MFA states by person id and counts them; it names nobody. User Sync brings people in.
    </Empty>
  );
}

type FiltersProps = { filters: PeopleFilters; change: (next: Partial<PeopleFilters>) => void };

const CHOICES: { name: Exclude<keyof PeopleFilters, 'search'>; text: string; options: [string, string][] }[] = [
  {
    name: 'mfa',
    text: 'MFA',
    options: Object.entries(MFA_WORDS).map(([value, { text }]) => [value, text]),
  },
  {
    name: 'status',
    text: 'Status',
    options: Object.entries(STATUS_WORDS).map(([value, { text }]) => [value, text]),
  },
  {
    name: 'scope',
    text: 'Scope',
    options: [
      ['in', 'in the group'],
      ['out', 'not in the group'],
    ],
  },
  {
    name: 'userType',
    text: 'Kind',
    options: [
      ['Member', 'members'],
      ['Guest', 'guests'],
    ],
  },
  {
    name: 'admin',
    text: 'Admins',
    options: [
      ['true', 'admins only'],
      ['false', 'not admins'],
    ],
  },
];

function Filters({ filters, change }: FiltersProps) {
  const [search, setSearch] = useState(filters.search);
  const sent = useRef(filters.search);
  // By then another filter may have been chosen, which must not be lost.
  const latest = useRef(change);
  latest.current = change;
  useEffect(() => {
    if (search === sent.current) return undefined;
    const timer = setTimeout(() => {
      sent.current = search;
      latest.current({ search });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [search]);
  useEffect(() => {
    // What was typed here comes back by the address; anything else was cleared, or came by a link.
    if (filters.search === sent.current) return;
    sent.current = filters.search;
    setSearch(filters.search);
  }, [filters.search]);
  return (
    <search class="filters">
      <div class="field">
        <label for="search">Search</label>
        <input
          id="search"
          type="search"
          placeholder="Name, sign-in name or mail"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      {CHOICES.map(({ name, text, options }) => (
        <div key={name} class="field">
          <label for={name}>{text}</label>
          <select id={name} value={filters[name]} onChange={(event) => change({ [name]: event.currentTarget.value })}>
            <option value="">all</option>
            {options.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
      ))}
    </search>
  );
}

const PeopleTable = ({ items, integrationId }: { items: readonly User[]; integrationId: string | undefined }) => (
  <Table columns={['Name', 'Department', 'Status', 'Scope', 'MFA']}>
    {items.map((user) => (
      <tr key={`${user.tenantId}/${user.userId}`} class="link">
        <th scope="row" class="wrap">
          <a href={personAddress(user.userId, integrationId)}>{user.displayName ?? user.userId}</a>
          <br />
          <span class="soft small">{user.userPrincipalName}</span>
        </th>
        <td class="soft wrap short">{user.department}</td>
        <td>
          <Pill word={STATUS_WORDS[user.status]} />
          {user.userType === 'Guest' && <Pill word={{ text: 'guest', tone: 'calm' }} />}
          {user.mfa?.isAdmin === true && <Pill word={{ text: 'admin', tone: 'warn' }} />}
        </td>
        <td data-label="Scope">{user.ssoEnabled ? 'may sign in' : user.inGroup ? 'in the group' : 'outside'}</td>
        <td data-label="MFA">
          <Pill word={MFA_WORDS[user.mfaState]} />
        </td>
      </tr>
    ))}
  </Table>
);
