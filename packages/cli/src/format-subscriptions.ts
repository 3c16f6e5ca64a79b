import type { SubscriptionsAnswer } from './answers.js';
import { formatTable } from './format-table.js';

export const formatSubscriptions = (items: SubscriptionsAnswer['items']): string =>
  items.length === 0
    ? 'No subscription yet: they are made within a minute once the integration is started.'
    : formatTable(
        [
          { head: 'RESOURCE' },
          { head: 'STATUS' },
          { head: 'EXPIRES' },
          { head: 'RENEWED' },
          { head: 'LAST NOTIFICATION' },
          { head: 'FAILURE' },
        ],
        items.map(({ resource, status, expiresAt, renewedAt, notifiedAt, failure }) => [
          resource,
          status,
          expiresAt,
          renewedAt ?? 'not yet',
          notifiedAt ?? 'none yet',
          failure && `${failure.code}: ${failure.message}`,
        ]),
      );
