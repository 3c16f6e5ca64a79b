import { useGet, useHasRoute } from '../api/queries.js';
import { Card, Empty, Load, Notices } from '../parts/basics.js';
import { Explanation } from '../parts/explanation.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';

/** What is wrong now, and whom Muster tells. */
export function AlertsPage() {
  const { status } = useScope();
  const has = useHasRoute('/alerts');
  const alerts = useGet<unknown>(has ? '/alerts' : null, { every: 15_000 });
  return (
    <Page title="Alerts" lead="What needs somebody now, over all integrations that you may see.">
      <Load query={status}>
        {({ integrations, pipeline }) => {
          const groups = [
            { name: 'Pipeline', notices: pipeline.notices },
            ...integrations.map(({ name, notices }) => ({ name, notices })),
          ].filter(({ notices }) => notices.length > 0);
          return groups.length === 0 ? (
            <section class="card">
              <Empty title="Nothing needs you">No problem and no note, in any integration.</Empty>
            </section>
          ) : (
            groups.map(({ name, notices }) => (
              <Card key={name} title={name}>
                <Notices notices={notices} />
              </Card>
            ))
          );
        }}
      </Load>
      {has && (
        <Card title="Rules and targets">
          <Load query={alerts}>{(data) => <Explanation value={data} />}</Load>
        </Card>
      )}
    </Page>
  );
}
