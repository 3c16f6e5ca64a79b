import { toExpiryWarning, WARN_DAYS, type AlertLevel, plural } from '@muster/contracts';
import type { AlertFacts, IntegrationFacts, Periods } from './alert-facts.js';
import { mayBeLate, usesUpBudget } from './late-changes.js';

/** `holds` null: it cannot be told, so what was stays. `step` rises when it becomes more pressing. */
export type Answer = { holds: boolean | null; text: string; step?: number; level?: AlertLevel };
type RuleBase = { title: string; level: AlertLevel; /** It must hold for so long, ms. */ forMs: number };
type PipelineRule = RuleBase & {
  about: 'pipeline';
  judge: (facts: AlertFacts['pipeline'], context: { anyActive: boolean }) => Answer;
};
type BreakGlassRule = RuleBase & { about: 'break-glass'; judge: (facts: AlertFacts['breakGlass']) => Answer };
type IntegrationRule = RuleBase & {
  about: 'integration';
  /** It is judged of paused integrations too. */
  alsoPaused?: true;
  judge: (facts: IntegrationFacts, context: { now: Date; periods: Periods }) => Answer;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The canary comes each minute; three missed ones are no accident. */
const CANARY_LATE_MS = 200_000;
const DRIFT_SHARE = 0.001;
/** Wrong break-glass passwords within an hour that are no slip of the hand. */
const MANY_REFUSED = 10;

const no = (text = ''): Answer => ({ holds: false, text });
const yes = (text: string, rest: Partial<Answer> = {}): Answer => ({ holds: true, text, ...rest });

/** Renewal is well ahead of the end, so one that has run out is not renewed, whether a failure tells so or not. */
function toEnding({ status, expiresAt, failure }: IntegrationFacts['subscriptions'][number], now: Date): string | null {
  if (status === 'missing') return 'is not there';
  if (status !== 'live' || expiresAt === null) return null;
  const leftMs = Date.parse(expiresAt) - now.getTime();
  if (leftMs <= 0) return 'has run out';
  return failure !== null && leftMs < DAY ? 'ends soon' : null;
}

/** Each has its heading in docs/runbook.md. */
export const RULES = {
  'oldest-unprocessed': {
    title: 'Events wait for more than a minute',
    about: 'pipeline',
    level: 'problem',
    forMs: 5 * MINUTE,
    judge: ({ projector }) => {
      if (!projector) return { holds: null, text: '' };
      const { waiting, oldestMs } = projector;
      if (waiting === 0 || oldestMs <= MINUTE) return no();
      return yes(
        `${plural(waiting, 'event waits', 'events wait')} for the projector, the oldest for ${Math.round(oldestMs / 1_000)} s.`,
      );
    },
  },
  'kafka-silent': {
    title: 'Kafka does not answer',
    about: 'pipeline',
    level: 'problem',
    forMs: 2 * MINUTE,
    judge: ({ projector }) => (projector ? no() : yes('Kafka does not answer, so nobody knows what waits.')),
  },
  'canary-absent': {
    title: 'Probes do not come through',
    about: 'pipeline',
    level: 'problem',
    forMs: 2 * MINUTE,
    judge: ({ canaries: { partitions, seen } }, { anyActive }) => {
      const late = partitions - seen.filter(({ ageMs }) => ageMs <= CANARY_LATE_MS).length;
      return anyActive && late > 0
        ? yes(`No probe comes through ${late} of ${plural(partitions, 'partition')}.`)
        : no();
    },
  },
  'dead-letters': {
    title: 'Messages could not be handled',
    about: 'pipeline',
    level: 'problem',
    forMs: 10 * MINUTE,
    judge: ({ deadLettersOpen }) => {
      if (deadLettersOpen === null) return { holds: null, text: '' };
      return deadLettersOpen > 0
        ? yes(`${plural(deadLettersOpen, 'message lies', 'messages lie')} among the dead letters.`)
        : no();
    },
  },
  'break-glass': {
    title: 'The break-glass password is in use',
    about: 'break-glass',
    level: 'problem',
    forMs: 0,
    judge: ({ used, refused }) => {
      const [last] = used;
      const wrong = refused >= MANY_REFUSED ? ` ${refused} tries with a wrong one within the hour.` : '';
      if (!last) return wrong === '' ? no() : yes(`Somebody guesses the break-glass password:${wrong}`);
      const whence = last.address === null ? '' : ` from ${last.address}`;
      // Each further use is told again.
      return yes(`Somebody signed in with the break-glass password at ${last.at}${whence}.${wrong}`, {
        step: used.length,
      });
    },
  },
  silence: {
    title: 'Notifications stay away while things change',
    about: 'integration',
    level: 'problem',
    forMs: 0,
    judge: ({ lostRecently, measured, subscriptions }) => {
      const isSubscribed = subscriptions.some(({ entity, status }) => entity === 'user' && status === 'live');
      if (!isSubscribed || measured > 0 || lostRecently === 0) return no();
      return yes(`Sweeps found ${plural(lostRecently, 'change')} in the last half hour, and no notification came.`);
    },
  },
  'subscription-ending': {
    title: 'A subscription ends within a day or has ended, and is not renewed',
    about: 'integration',
    level: 'problem',
    forMs: 5 * MINUTE,
    judge: ({ subscriptions }, { now }) => {
      const ending = subscriptions.flatMap((one) => {
        const how = toEnding(one, now);
        return how === null ? [] : [{ ...one, how }];
      });
      const [first] = ending;
      if (!first) return no();
      const why = first.failure ? `: ${first.failure.message}` : '.';
      return yes(`The subscription to ${first.resource} ${first.how}${why}`);
    },
  },
  'reconcile-old': {
    title: 'No full read for two periods',
    about: 'integration',
    level: 'problem',
    // Nobody knows when a feature was turned on: so long its first read may take.
    forMs: 10 * MINUTE,
    judge: ({ features, completed, startedAt, resumedAt }, { now, periods }) => {
      const wanted = [
        ...(features.userSync ? [{ what: 'users', last: completed.users, everyMs: periods.usersEveryMs }] : []),
        ...(features.mfaVerification ? [{ what: 'MFA', last: completed.mfa, everyMs: periods.mfaEveryMs }] : []),
      ];
      const late = wanted.filter(({ last, everyMs }) => {
        // Nothing is read in a pause, so what was read before it counts from its end.
        const since = [last?.startedAt, startedAt, resumedAt].flatMap((at) => (at == null ? [] : [Date.parse(at)]));
        return since.length > 0 && now.getTime() - Math.max(...since) > 2 * everyMs;
      });
      if (late.length === 0) return no();
      return yes(`The last complete read of ${late.map(({ what }) => what).join(' and ')} is older than two periods.`);
    },
  },
  drift: {
    title: 'A full read found what nothing had told',
    about: 'integration',
    level: 'remark',
    forMs: 0,
    judge: ({ completed: { users } }) => {
      if (!users?.drift) return no();
      const { added, changed, removed } = users.drift;
      const found = added + changed + removed;
      if (found <= users.rows * DRIFT_SHARE) return no();
      return yes(
        `Of ${plural(users.rows, 'person', 'people')} ${plural(found, 'was', 'were')} not as told: ${added} new, ${changed} other, ${removed} gone.`,
      );
    },
  },
  'late-changes': {
    title: 'Too many changes come late',
    about: 'integration',
    level: 'problem',
    forMs: 0,
    judge: ({ ours: { p99, lastHour } }) => {
      if (!mayBeLate(p99) || lastHour === null || !usesUpBudget(lastHour)) return no();
      const { changes, late } = lastHour;
      return yes(
        `Of ${plural(changes, 'change')} of the last hour ${late} took more than a minute from receiver to feed.`,
      );
    },
  },
  throttled: {
    title: 'Microsoft Graph throttles this app',
    about: 'integration',
    level: 'problem',
    forMs: 5 * MINUTE,
    judge: ({ quarantined }) => {
      const rows = quarantined.filter(({ failure }) => failure?.code === 'graph.throttled');
      return rows.length === 0 ? no() : yes(`Microsoft throttles the calls of ${toNames(rows)}.`);
    },
  },
  quarantine: {
    title: 'A tenant is in quarantine',
    about: 'integration',
    level: 'problem',
    forMs: 2 * MINUTE,
    judge: ({ quarantined }) => {
      const rows = quarantined.filter(({ failure }) => failure?.code !== 'graph.throttled');
      const why = rows[0]?.failure?.message ?? 'no reason is known';
      return rows.length === 0 ? no() : yes(`Calls of ${toNames(rows)} are held back: ${why}`);
    },
  },
  'secret-ending': {
    title: 'The client secret ends soon',
    about: 'integration',
    // People sign in with it while the rest is paused.
    alsoPaused: true,
    level: 'remark',
    forMs: 0,
    judge: ({ credential }, { now }) => {
      const warning = toExpiryWarning(credential, now);
      if (!warning) return no();
      const { due, level, text } = warning;
      return yes(text, { level, step: due === 0 ? WARN_DAYS.length : WARN_DAYS.indexOf(due) });
    },
  },
  'plan-waits': {
    title: 'Removals wait for somebody',
    about: 'integration',
    level: 'problem',
    forMs: 0,
    judge: ({ plansWaiting }) =>
      plansWaiting === 0 ? no() : yes('Too many people would go at once: they stay until somebody allows or refuses.'),
  },
} as const satisfies Record<string, PipelineRule | BreakGlassRule | IntegrationRule>;

export type RuleId = keyof typeof RULES;
export const RULE_IDS = Object.keys(RULES) as RuleId[];
export const isRuleId = (id: string): id is RuleId => id in RULES;

/** What only Prometheus can judge: it asks each receiver and consumer, admin does not. Each has its heading, too. */
export const PROMETHEUS_RULES = {
  'slow-answers': 'answers to Microsoft are slow',
  'consumer-restarts': 'a consumer falls out of its group again and again',
  'slo-burn': 'refused notifications use up the error budget',
  'forged-notifications': 'somebody sends forged notifications',
} as const;

export type Finding = {
  rule: RuleId;
  integrationId: string | null;
  holds: boolean | null;
  level: AlertLevel;
  step: number;
  text: string;
};

/** Every rule about everything it is about. Of paused integrations only what counts while they are paused. */
export function judgeAlerts(facts: AlertFacts, context: { now: Date; periods: Periods }): Finding[] {
  const active = facts.integrations.filter(({ state }) => state === 'active');
  const anyActive = active.length > 0;
  const started = facts.integrations.filter(({ state }) => state === 'active' || state === 'paused');
  return RULE_IDS.flatMap((rule): Finding[] => {
    const definition: PipelineRule | BreakGlassRule | IntegrationRule = RULES[rule];
    const toFinding = (integrationId: string | null, { holds, text, step = 0, level }: Answer): Finding => ({
      ...{ rule, integrationId, holds, step, text },
      level: level ?? definition.level,
    });
    if (definition.about === 'break-glass') return [toFinding(null, definition.judge(facts.breakGlass))];
    return definition.about === 'pipeline'
      ? [toFinding(null, definition.judge(facts.pipeline, { anyActive }))]
      : (definition.alsoPaused ? started : active).map((one) =>
          toFinding(one.integrationId, definition.judge(one, context)),
        );
  });
}

const toNames = (rows: readonly { service: string }[]): string =>
  rows
    .map(({ service }) => service)
    .toSorted()
    .join(', ');
