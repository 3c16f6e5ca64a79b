import { useHasRoute } from '../api/queries.js';
import type { IntegrationStatus, Pipeline, Status } from '../domain/api-types.js';
import { formatAge, formatCount, formatMs, formatWhen, plural, toPercent } from '../domain/format.js';
import { isReportAlone, lastFullRead, oldestSweep, toFullReadNote, toVerdict } from '../domain/verdict.js';
import { toWord } from '../domain/words.js';
import { Card, Empty, Load, Notices, Pill, Tiles, type TileProps } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { LagChart } from '../parts/lag-chart.js';
import { LagTable } from '../parts/lag-table.js';
import { MfaBar } from '../parts/mfa-bar.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';
import { VerdictLine } from '../parts/verdict-line.js';
import { Table } from '../parts/table.js';
import { INTEGRATIONS, setupAddress } from './addresses.js';

/** More than this and each integration is a row of a table, with one opened. */
const MANY = 3;

/** How true the picture is, tenant by tenant, and what needs somebody. */
export function OverviewPage() {
  const { status } = useScope();
  return (
    <Page title="Overview" lead="How true Muster’s picture of each directory is, and what needs somebody.">
      <Load query={status} lines={8}>
        {(data) => <Overview status={data} />}
      </Load>
    </Page>
  );
}

function Overview({ status: { integrations, pipeline } }: { status: Status }) {
  const { chosen } = useScope();
  if (integrations.length === 0) return <NothingConnected />;
  const isMany = integrations.length > MANY;
  const sorted = integrations.toSorted(
    (one, other) => toRank(one) - toRank(other) || one.name.localeCompare(other.name),
  );
  const shown = isMany ? sorted.filter(({ integrationId }) => integrationId === chosen?.integrationId) : sorted;
  return (
    <>
      <Notices notices={pipeline.notices} integrationId={null} />
      {isMany && <IntegrationTable integrations={sorted} pipeline={pipeline} />}
      {shown.map((one) => (
        <IntegrationCard key={one.integrationId} integration={one} pipeline={pipeline} />
      ))}
      <PipelineTiles pipeline={pipeline} />
    </>
  );
}

/** What has a problem comes first, what does not run last. */
const toRank = ({ state, notices }: IntegrationStatus): number =>
  state === 'active' ? (notices.some(({ level }) => level === 'problem') ? 0 : 1) : 2;

const NothingConnected = () => (
  <section class="card">
    <Empty
      title="No tenant is connected yet"
      action={
        <a class="button primary" href={`${INTEGRATIONS}/new`}>
          Connect Microsoft 365
        </a>
      }
    >
      Connect the first one: register an app in Entra, then enter its ids and its client secret. Nothing runs until you
      start it.
    </Empty>
  </section>
);

type CardProps = { integration: IntegrationStatus; pipeline: Pipeline };

function IntegrationCard({ integration, pipeline }: CardProps) {
  const now = useNow();
  const { integrationId, name, tenantId, state, notices } = integration;
  const isDraft = state === 'draft';
  return (
    <Card
      title={name}
      id={`integration-${integrationId}`}
      aside={
        <span class="small soft">
          Tenant <code>{tenantId}</code>
        </span>
      }
    >
      <div class="stack">
        <VerdictLine verdict={toVerdict(integration, pipeline, now)} />
        <Notices notices={notices} integrationId={integrationId} />
        {isDraft ? (
          <p>
            <a class="button primary" href={setupAddress(integrationId, 4)}>
              Go on with the setup
            </a>
          </p>
        ) : (
          <Running integration={integration} />
        )}
      </div>
    </Card>
  );
}

function Running({ integration }: { integration: IntegrationStatus }) {
  const now = useNow();
  const { integrationId, mfa, lag, cursors, loss } = integration;
  const isAlone = isReportAlone(integration);
  const hasLag = useHasRoute('/integrations/{integrationId}/lag');
  const total = lag.find(({ step }) => step === 'total');
  const reported = mfa.capable + mfa.registered + mfa.notRegistered + mfa.unknown;
  const capable = toPercent(mfa.capable, reported);
  return (
    <>
      <Tiles
        label="Figures"
        tiles={[
          { label: 'Behind', value: formatMs(total?.p95 ?? null), note: '95 of 100 changes, last 15 min' },
          {
            label: isAlone ? 'Last MFA report' : 'Last good sweep',
            value: formatWhen(isAlone ? lastFullRead(integration) : oldestSweep(cursors), now),
            note: toFullReadNote(integration, now),
          },
          ...(isAlone ? REPORT_ALONE : toPeopleTiles(integration)),
          {
            label: 'MFA capable',
            value: capable === null ? '–' : `${capable} %`,
            note: `of ${plural(reported, 'person', 'people')}`,
          },
          {
            label: 'Lost',
            value: formatCount(loss.lost),
            note: 'changes no notification announced, 24 h',
            ...(loss.lost > 0 ? { tone: 'warn' as const } : {}),
          },
        ]}
      />
      <MfaBar mfa={mfa} />
      <div class="columns">
        {hasLag && (
          <div class="stack-s">
            <h3>Lag over time</h3>
            <LagChart integrationId={integrationId} />
          </div>
        )}
        <div class="stack-s">
          <h3>Lag by step, last 15 minutes</h3>
          {lag.some(({ count }) => count > 0) ? (
            <LagTable lag={lag} />
          ) : (
            <p class="soft">No change came through in this time.</p>
          )}
          <p class="small">
            <a href={`/lag?integration=${integrationId}`}>Where the time goes</a>
          </p>
        </div>
      </div>
    </>
  );
}

const toPeopleTiles = ({ people, groupId }: IntegrationStatus): TileProps[] => [
  { label: 'People', value: formatCount(people.total), note: `${formatCount(people.disabled)} disabled` },
  {
    label: 'May sign in',
    value: formatCount(people.ssoEnabled),
    note: groupId === null ? 'everyone is in scope' : `${formatCount(people.inGroup)} in the group`,
  },
];

const REPORT_ALONE: TileProps[] = [{ label: 'May sign in', value: '–', note: 'signing in is off: it needs User Sync' }];

function IntegrationTable({
  integrations,
  pipeline,
}: {
  integrations: readonly IntegrationStatus[];
  pipeline: Pipeline;
}) {
  const now = useNow();
  return (
    <Card title="Integrations">
      <Table columns={['Name', 'State', 'Verdict', { number: 'People' }, { number: 'Problems' }]}>
        {integrations.map((one) => {
          const verdict = toVerdict(one, pipeline, now);
          return (
            <tr key={one.integrationId} class="link">
              <th scope="row" class="wrap">
                <a href={`/?integration=${one.integrationId}`}>{one.name}</a>
              </th>
              <td>
                <Pill word={toWord(one.state)} />
              </td>
              <td>
                <Pill word={{ text: verdict.word, tone: verdict.tone }} /> <span class="soft">{verdict.sentence}</span>
              </td>
              <td class="number" data-label="People">
                {formatCount(one.people.total)}
              </td>
              <td class="number" data-label="Problems">
                {formatCount(one.notices.filter(({ level }) => level === 'problem').length)}
              </td>
            </tr>
          );
        })}
      </Table>
    </Card>
  );
}

const toLettersNote = (kept: number | null): string =>
  kept === 0
    ? 'nothing was refused'
    : kept === null
      ? 'Kafka does not answer'
      : `not replayed, of ${formatCount(kept)} in 30 days`;

/** Our part of the way, shared by all integrations. */
export function PipelineTiles({
  pipeline: { canaries, projector, deadLetters, deadLettersOpen },
}: {
  pipeline: Pipeline;
}) {
  const seen = canaries.seen.length;
  return (
    <Tiles
      label="Pipeline"
      tiles={[
        {
          label: 'Last canary',
          value: canaries.oldestAgeMs === null ? '–' : `${formatAge(canaries.oldestAgeMs)} ago`,
          note: seen === 0 ? 'none has come through' : `${seen} of ${canaries.partitions} partitions seen`,
        },
        {
          label: 'Our part of the way',
          value: formatMs(canaries.slowestMs),
          note: 'slowest canary, receipt to document',
        },
        {
          label: 'Waiting events',
          value: projector ? formatCount(projector.waiting) : '–',
          note: projector ? (projector.waiting === 0 ? 'nothing waits' : 'for the projector') : 'Kafka does not answer',
        },
        {
          label: 'Dead letters',
          value: deadLettersOpen === null ? '–' : formatCount(deadLettersOpen),
          note: toLettersNote(deadLetters),
          ...(deadLettersOpen !== null && deadLettersOpen > 0 ? { tone: 'bad' as const } : {}),
        },
      ]}
    />
  );
}
