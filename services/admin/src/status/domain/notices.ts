import {
  toActiveCredential,
  toExpiryWarning,
  type IntegrationSettings,
  type SnapshotKind,
  type SnapshotRecord,
  type SubscriptionRecord,
} from '@muster/contracts';

/** Something a person should know, and what to do about it. */
export type Notice = { level: 'problem' | 'remark'; text: string; cure: string };

type Facts = {
  settings: Pick<IntegrationSettings, 'state' | 'secrets' | 'certificate' | 'activeSlot' | 'features'>;
  subscriptions: readonly Pick<SubscriptionRecord, 'resource' | 'status' | 'failure' | 'expiresAt'>[];
  snapshots: Record<SnapshotKind, Pick<SnapshotRecord, 'state' | 'failure'> | null>;
  plansWaiting: number;
};

export function toNotices(facts: Facts, now: Date): Notice[] {
  const { state } = facts.settings;
  if (state === 'draft')
    return [{ level: 'remark', text: 'A draft: nothing runs yet.', cure: 'Check it, then start it.' }];
  if (state === 'paused')
    return [{ level: 'remark', text: 'Paused: the picture grows old.', cure: 'Start it again when you are ready.' }];
  return [
    ...toSecretNotices(facts.settings, now),
    ...facts.subscriptions.flatMap((subscription) => toSubscriptionNotices(subscription, now)),
    ...toPlanNotices(facts),
    ...toSnapshotNotices(facts),
  ];
}

function toSecretNotices(settings: Facts['settings'], now: Date): Notice[] {
  const warning = toExpiryWarning(toActiveCredential(settings), now);
  return warning ? [{ level: warning.level, text: warning.text, cure: warning.cure }] : [];
}

function toSubscriptionNotices(subscription: Facts['subscriptions'][number], now: Date): Notice[] {
  const { resource, status, failure, expiresAt } = subscription;
  const why = failure ? ` ${failure.message}` : '';
  switch (status) {
    case 'live':
      return expiresAt !== null && expiresAt <= now.toISOString()
        ? [
            {
              level: 'problem',
              text: `The subscription to ${resource} has run out.${why}`,
              cure: 'Check that the subscription service runs; it renews well ahead of the end.',
            },
          ]
        : [];
    case 'missing':
      return [
        {
          level: 'problem',
          text: `There is no subscription to ${resource}.${why}`,
          cure: 'The subscription service creates it within a minute; check that it runs.',
        },
      ];
    case 'refused':
      return [
        {
          level: 'remark',
          text: `Microsoft refuses a subscription to ${resource}.${why}`,
          cure: 'Changes there come by delta. Run the check to see which right is missing.',
        },
      ];
    case 'slot-taken':
      return [
        {
          level: 'remark',
          text: `Another application holds the subscription to ${resource}.`,
          cure: 'Changes there come by delta. Use an app registration of its own for Muster.',
        },
      ];
  }
}

const toPlanNotices = ({ plansWaiting }: Facts): Notice[] =>
  plansWaiting === 0
    ? []
    : [
        {
          level: 'problem',
          text: 'Removals that were too many at once wait for somebody; until then these people stay.',
          cure: 'Look at them under Reconciles (or muster plans), then allow or refuse.',
        },
      ];

const READS: Record<SnapshotKind, string> = { users: 'full read of users', mfa: 'read of the MFA report' };

function toSnapshotNotices({ snapshots }: Facts): Notice[] {
  return (['users', 'mfa'] as const).flatMap((kind): Notice[] => {
    const snapshot = snapshots[kind];
    if (snapshot?.state !== 'failed') return [];
    const why = snapshot.failure ? ` ${snapshot.failure.message}` : '';
    const cure = 'Run the check; then ask for it again.';
    return [{ level: 'problem', text: `The last ${READS[kind]} failed.${why}`, cure }];
  });
}
