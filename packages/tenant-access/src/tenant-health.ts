import type { TenantHealth } from '@muster/contracts';
import type { TenantState } from '@muster/graph-client';

export type HealthInput = { integrationId: string; service: string; state: TenantState };

/** What an admin is shown of a tenant in or out of quarantine. */
export function toTenantHealth({ integrationId, service, state }: HealthInput): TenantHealth {
  const whose = { integrationId, service };
  if (state.state === 'well')
    return {
      ...whose,
      state: 'well',
      failure: null,
      since: toInstant(state.at),
      at: toInstant(state.at),
      until: null,
      count: 0,
    };
  const { since, until, count, failure, at } = state;
  const { code, message } = failure;
  return {
    ...whose,
    state: 'quarantined',
    failure: { code, message },
    since: toInstant(since),
    at: toInstant(at),
    until: toInstant(until),
    count,
  };
}

const toInstant = (at: number): string => new Date(at).toISOString();
