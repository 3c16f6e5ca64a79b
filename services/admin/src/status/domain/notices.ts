import {
  toActiveCredential,
  toExpiryWarning,
  type CursorRecord,
  type IntegrationSettings,
  type SnapshotKind,
  type SnapshotRecord,
  type SubscriptionRecord,
  type TenantHealth,
} from '@muster/contracts';
import { isGroupGone } from './group-gone.js';

/** Something a person should know, and what to do about it. */
export type Notice = {
  level: 'problem' | 'remark';
  text: string;
  cure: string;
  rule?: ToldByAlert;
  /** Where it is mended; nowhere here when left out. */
  page?: NoticePage;
};
export const NOTICE_PAGES = [
  'secrets',
  'check',
  'permissions',
  'features',
  'removals',
  'subscriptions',
  'integrations',
  'group',
] as const;
export type NoticePage = (typeof NOTICE_PAGES)[number];
/** Ids of the alert rules that tell the same fact. */
type ToldByAlert =
  | 'secret-ending'
  | 'quarantine'
  | 'throttled'
  | 'subscription-ending'
  | 'plan-waits'
  | 'kafka-silent'
  | 'canary-absent';

type Facts = {
  settings: Pick<
    IntegrationSettings,
    'state' | 'tenantId' | 'groupId' | 'secrets' | 'certificate' | 'activeSlot' | 'features'
  >;
  subscriptions: readonly Pick<SubscriptionRecord, 'resource' | 'status' | 'failure' | 'expiresAt'>[];
  snapshots: Record<SnapshotKind, Pick<SnapshotRecord, 'state' | 'failure'> | null>;
  /** The last complete ones. */
  complete: Record<SnapshotKind, Pick<SnapshotRecord, 'startedAt'> | null>;
  plansWaiting: number;
  cursors: readonly Partial<Pick<CursorRecord, 'kind' | 'tenantId' | 'groupId' | 'deletedGroups' | 'unsettled'>>[];
  health: readonly TenantHealth[];
};

export function toNotices(facts: Facts, now: Date): Notice[] {
  const { state } = facts.settings;
  if (state === 'draft')
    return [{ level: 'remark', text: 'A draft: nothing runs yet.', cure: 'Check it, then start it.' }];
  if (state === 'paused')
    return [
      {
        level: 'remark',
        text: 'Paused: the picture grows old.',
        cure: 'Start it again when you are ready.',
        page: 'integrations',
      },
      // People sign in with it still, and the start needs it.
      ...toSecretNotices(facts.settings, now),
    ];
  return [
    ...toSecretNotices(facts.settings, now),
    ...toQuarantineNotices(facts.health, now),
    ...facts.subscriptions.flatMap((subscription) => toSubscriptionNotices(subscription, now)),
    ...toGroupNotices(facts),
    ...toPlanNotices(facts),
    ...toUnsettledNotices(facts),
    ...toSnapshotNotices(facts),
  ];
}

function toSecretNotices(settings: Facts['settings'], now: Date): Notice[] {
  const warning = toExpiryWarning(toActiveCredential(settings), now);
  return warning
    ? [{ level: warning.level, text: warning.text, cure: warning.cure, rule: 'secret-ending', page: 'secrets' }]
    : [];
}

/** A service that asks rarely leaves its row behind; whoever is really kept out probes at least each 5 min. */
const QUARANTINE_COUNTS_MS = 10 * 60_000;

/**
 * Rows of services whose calls to this tenant are held back now. A service that had nothing to ask since its pause ended
 * is out of it, too, once another one was answered: it is the same tenant by the same credential.
 */
export const listQuarantined = (health: readonly TenantHealth[], now: Date): TenantHealth[] => {
  const answered = health.filter(({ state }) => state === 'well').map(({ since }) => Date.parse(since));
  const answeredAt = Math.max(0, ...answered);
  return health.filter(({ state, until, at }) => {
    if (state !== 'quarantined' || until === null) return false;
    const overMs = now.getTime() - Date.parse(until);
    return overMs <= QUARANTINE_COUNTS_MS && (overMs < 0 || answeredAt <= Date.parse(at ?? until));
  });
};

/** One notice for each cause, with the services that met it. */
function toQuarantineNotices(health: readonly TenantHealth[], now: Date): Notice[] {
  const quarantined = listQuarantined(health, now);
  const codes = new Set(quarantined.map(({ failure }) => failure?.code ?? ''));
  return [...codes].map((code): Notice => {
    const rows = quarantined.filter(({ failure }) => (failure?.code ?? '') === code);
    const services = rows.map(({ service }) => service).toSorted();
    const since = rows.map((row) => row.since).toSorted()[0] ?? '';
    const why = rows[0]?.failure?.message ?? 'no reason is known';
    return {
      level: 'problem',
      text: `In quarantine since ${since}: calls of ${services.join(', ')} to Microsoft are held back, since ${why}`,
      cure:
        QUARANTINE_CURES[code] ?? 'Run the check to see what is wrong; one call at a time tries whether it is over.',
      rule: code === 'graph.throttled' ? 'throttled' : 'quarantine',
      ...(isPassing(code) ? {} : { page: 'check' }),
    };
  });
}

const QUARANTINE_CURES: Readonly<Record<string, string>> = {
  'graph.throttled': 'Microsoft throttles this app; it ends by itself. Look for other programs that use the same app.',
  'graph.unavailable': 'Microsoft does not answer; it ends by itself.',
};

/** Ends by itself. */
export const isPassing = (code: string): boolean => Object.hasOwn(QUARANTINE_CURES, code);

const toWords = (resource: string): string =>
  resource === '/users' ? 'people' : resource.replace(/^\/groups\//, 'the group ');

function toSubscriptionNotices(subscription: Facts['subscriptions'][number], now: Date): Notice[] {
  const { status, failure, expiresAt } = subscription;
  const resource = toWords(subscription.resource);
  const why = failure ? ` ${failure.message}` : '';
  switch (status) {
    case 'live':
      return expiresAt !== null && expiresAt <= now.toISOString()
        ? [
            {
              level: 'problem',
              text: `The subscription to changes of ${resource} has run out.${why}`,
              cure: 'Check that the subscription service runs; it renews well ahead of the end.',
              rule: 'subscription-ending',
              page: 'subscriptions',
            },
          ]
        : [];
    case 'missing':
      return [
        {
          level: 'problem',
          text: `There is no subscription to changes of ${resource}.${why}`,
          cure: 'The subscription service creates it within a minute; check that it runs.',
          rule: 'subscription-ending',
          page: 'subscriptions',
        },
      ];
    case 'refused':
      return [
        {
          level: 'remark',
          text: `Microsoft refuses to tell of changes of ${resource}.`,
          cure: 'They are found by delta within seconds. Permissions says which right is missing, Subscriptions why.',
          page: 'permissions',
        },
      ];
    case 'slot-taken':
      return [
        {
          level: 'remark',
          text: `Another application holds the subscription to changes of ${resource}.`,
          cure: 'Changes there come by delta. Use an app registration of its own for Muster.',
        },
      ];
  }
}

/** They stay as they are, in or out, until Microsoft tells. */
function toUnsettledNotices({ cursors }: Facts): Notice[] {
  const count = new Set(cursors.flatMap(({ unsettled }) => unsettled ?? [])).size;
  const text = `Microsoft does not tell what became of people whose change it announced: ${count}. They stay as they were.`;
  const cure = 'Each sweep asks again; the log of the reconciler names them and says what Microsoft answers.';
  return count === 0 ? [] : [{ level: 'problem', text, cure }];
}

const toGroupNotices = ({ cursors, settings }: Facts): Notice[] =>
  isGroupGone(cursors, settings)
    ? [
        {
          level: 'problem',
          text: 'The chosen group was deleted in Microsoft 365: who is in scope stays so, and nobody comes in.',
          cure: 'Restore it there within 30 days, or choose another group.',
          page: 'group',
        },
      ]
    : [];

const toPlanNotices = ({ plansWaiting }: Facts): Notice[] =>
  plansWaiting === 0
    ? []
    : [
        {
          level: 'problem',
          text: 'Removals that were too many at once wait for somebody; until then these people stay.',
          cure: 'Look at them under Reconciles (or muster plans), then allow or refuse.',
          rule: 'plan-waits',
          page: 'removals',
        },
      ];

const READS: Record<SnapshotKind, string> = { users: 'full read of users', mfa: 'read of the MFA report' };

function toSnapshotNotices({ snapshots, complete }: Facts): Notice[] {
  return (['users', 'mfa'] as const).flatMap((kind): Notice[] => {
    const snapshot = snapshots[kind];
    if (snapshot?.state === 'complete' && snapshot.failure?.code === 'mfa.everyone')
      return [
        {
          level: 'remark',
          text: snapshot.failure.message,
          cure: 'Add GroupMember.Read.All to keep MFA to the people of the group.',
          page: 'permissions',
        },
      ];
    if (snapshot?.state !== 'failed') return [];
    const { failure } = snapshot;
    const known = failure && REFUSALS[failure.code];
    if (known) return [{ level: 'problem', ...known, text: `${known.text} ${toLastGood(complete[kind])}` }];
    const why = failure ? ` ${failure.message}` : '';
    const cure = 'Run the check; then ask for it again.';
    return [{ level: 'problem', text: `The last ${READS[kind]} failed.${why}`, cure, page: 'check' }];
  });
}

/** Why Microsoft refuses the report, told apart: each has a cure of its own. */
const REFUSALS: Record<string, Pick<Notice, 'text' | 'cure' | 'page'>> = {
  'graph.no-licence': {
    text: 'Microsoft says, also when asked again, that the tenant has no licence for the MFA report.',
    cure: 'Get Entra ID P1 or P2, or turn MFA verification off. With a licence: grant Directory.Read.All too.',
    page: 'features',
  },
  'mfa.right-missing': {
    text: 'The app lacks the right AuditLog.Read.All, so Microsoft refuses the MFA report.',
    cure: 'Add AuditLog.Read.All under API permissions, then consent again.',
    page: 'permissions',
  },
  'mfa.role-missing': {
    text: 'Whoever consented has no directory role that may read the MFA report.',
    cure: 'Give that account the role Reports Reader, or use application permissions.',
    page: 'permissions',
  },
  'mfa.refused': {
    text: 'Microsoft refuses the MFA report for now, although the app has the right.',
    cure: 'Nothing to do yet: it is read again by itself. If it stays so, grant Directory.Read.All too.',
  },
};

const toLastGood = (last: Pick<SnapshotRecord, 'startedAt'> | null): string =>
  last ? `The data shown is that of ${last.startedAt}.` : 'There is no data yet, so MFA is unknown for everyone.';
