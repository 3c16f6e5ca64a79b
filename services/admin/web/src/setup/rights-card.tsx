import { useLocation } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { post } from '../api/client.js';
import { refresh, useGet } from '../api/queries.js';
import type { Integration } from '../domain/api-types.js';
import { formatWhen } from '../domain/format.js';
import { ActionButton, useAction } from '../parts/actions.js';
import { Card, Empty, Failed } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { RightsTable } from './rights-table.js';
import type { PermissionTable, Right } from './setup-types.js';

export type RightsCardProps = {
  integration: Integration | null;
  /** By the token of a check, while nothing was probed. */
  checked?: readonly Right[];
};

/** The truth table: what was proved by trying it, and what the rest costs. */
export function RightsCard({ integration, checked = [] }: RightsCardProps) {
  const now = useNow();
  const { consent } = useLocation().query;
  const path = integration ? `/integrations/${integration.integrationId}/permissions` : null;
  const table = useGet<PermissionTable>(path);
  const probe = useAction(async () => {
    await post(`${path ?? ''}/probe`);
    await refresh(path ?? '');
  });
  // Who comes back with a consent wants to know what it is worth.
  useEffect(() => {
    if (consent === 'granted' && path !== null) void probe.run();
  }, [consent, path]);
  const probedAt = table.data?.probedAt ?? null;
  const rights = probedAt === null ? checked : (table.data?.items ?? []);
  return (
    <Card
      title="Permissions"
      aside={
        path !== null && (
          <ActionButton action={probe} busy="Trying each …">
            Try them out now
          </ActionButton>
        )
      }
    >
      <div class="stack-s" aria-busy={probe.isRunning}>
        {probe.error && <Failed error={probe.error} />}
        {rights.length === 0 ? (
          <Empty title="Nothing is proved yet">
            Once they are tried out, each permission stands here, with what it costs to go without.
          </Empty>
        ) : (
          <>
            <RightsTable rights={rights} />
            <p class="small soft">
              {probedAt === null
                ? 'As the token says; trying them out proves them.'
                : `Tried out ${formatWhen(probedAt, now)}, by one read each and a subscription that was deleted at once.`}
            </p>
          </>
        )}
      </div>
    </Card>
  );
}
