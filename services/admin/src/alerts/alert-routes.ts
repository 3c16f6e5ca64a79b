import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { alertLevel, alertTargetKind, type AlertTargets } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Sealer, Store } from '@muster/store';
import { Problem, notFound } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { listIntegrations } from '../keys/principal.js';
import { PROMETHEUS_RULES, RULES, RULE_IDS } from './domain/rules.js';
import { toTitle } from './domain/follow-alerts.js';
import { Untold } from './message.js';
import { targetsBody, targetsView, toTargets, toTargetsView } from './target-schemas.js';
import { openTarget } from './targets.js';

export type AlertRoutesOptions = {
  store: Pick<Store, 'alerts' | 'alertTargets' | 'integrations'>;
  sealer: Sealer;
  privateHosts: readonly string[];
  toRunbook: (rule: string) => string;
  now: Now;
};

const text = z.string().nullable();
const alertView = z
  .object({
    rule: z.string(),
    title: z.string(),
    level: alertLevel,
    state: z.enum(['pending', 'firing', 'resolved']).describe('`pending`: holds, but not for long enough yet.'),
    integrationId: text.describe('Null: about what all integrations share.'),
    text: z.string(),
    since: z.string(),
    firedAt: text,
    resolvedAt: text,
    runbook: z.string(),
    untold: z
      .array(z.object({ target: alertTargetKind, tries: z.int(), nextAt: z.string(), failure: text }))
      .describe('What could not be told yet, and why.'),
  })
  .meta({ id: 'Alert' });
const ruleView = z
  .object({ rule: z.string(), title: z.string(), level: alertLevel, afterMs: z.int(), runbook: z.string() })
  .meta({ id: 'AlertRule' });

export function alertRoutes(options: AlertRoutesOptions): Route[] {
  const { store, sealer, toRunbook, now } = options;

  const list = defineRoute({
    method: 'get',
    path: '/alerts',
    summary: 'What fires now or did in the last 30 days, and by which rules',
    tag: 'status',
    answer: {
      status: 200,
      description: 'Firing ones first; a tenant admin sees those of the own integration.',
      schema: z.object({
        items: z.array(alertView),
        rules: z.array(ruleView),
        elsewhere: z
          .array(z.object({ rule: z.string(), title: z.string(), runbook: z.string() }))
          .describe('What only Prometheus judges, by ops/prometheus-rules.yml: it is never told to the targets.'),
        lookedAt: text.describe('When all of it was last looked at; more than three minutes ago: nobody watches.'),
      }),
    },
    handle: async ({ principal }) => {
      const own = new Set((await listIntegrations(store.integrations, principal)).map((one) => one.integrationId));
      const [all, lookedAt] = await Promise.all([store.alerts.all(), store.alerts.lookedAt()]);
      const shown = all.filter(({ integrationId }) =>
        integrationId === null ? principal.role === 'operator' : own.has(integrationId),
      );
      const items = shown
        .toSorted((one, other) => toRank(one.state) - toRank(other.state) || (one.since < other.since ? 1 : -1))
        .map(({ untold, ...alert }) => ({
          ...alert,
          title: toTitle(alert.rule),
          runbook: toRunbook(alert.rule),
          untold: principal.role === 'operator' ? untold : [],
        }));
      const rules = RULE_IDS.map((rule) => {
        const { title, level, forMs } = RULES[rule];
        return { rule, title, level, afterMs: forMs, runbook: toRunbook(rule) };
      });
      const elsewhere = Object.entries(PROMETHEUS_RULES).map(([rule, title]) => ({
        rule,
        title,
        runbook: toRunbook(rule),
      }));
      return { body: { items, rules, elsewhere, lookedAt } };
    },
  });

  const read = defineRoute({
    method: 'get',
    path: '/alerts/targets',
    summary: 'Where alerts go; secrets never come back',
    tag: 'status',
    operatorOnly: true,
    answer: { status: 200, description: 'The targets.', schema: targetsView },
    handle: async () => toAnswer(await store.alertTargets.get(), sealer),
  });

  const put = defineRoute({
    method: 'put',
    path: '/alerts/targets',
    summary: 'Say where alerts go; a secret that is left out stays as it is',
    tag: 'status',
    operatorOnly: true,
    ifMatch: 'optional',
    body: targetsBody,
    answer: { status: 200, description: 'The targets as they are now.', schema: targetsView },
    errors: [409, 412],
    handle: async ({ body, ifMatch }) => {
      const before = await store.alertTargets.get();
      if (ifMatch !== null && ifMatch !== (before?.revision ?? 0)) throw changedMeanwhile();
      const after = toTargets(body, before, { sealer, now: now() });
      if (!(await store.alertTargets.save(after))) throw changedMeanwhile();
      return toAnswer(after, sealer);
    },
  });

  const test = defineRoute({
    method: 'post',
    path: '/alerts/targets/{target}/test',
    summary: 'Send a test message there now',
    tag: 'status',
    operatorOnly: true,
    params: z.object({ target: alertTargetKind }),
    answer: {
      status: 200,
      description: 'Whether it arrived.',
      schema: z.object({ ok: z.boolean(), failure: text }),
    },
    errors: [404],
    handle: async ({ params: { target } }) => {
      const tell = openTarget(await store.alertTargets.get(), target, options);
      if (!tell) throw notFound('target of this kind');
      const at = now().toISOString();
      const data = { rule: 'test', title: 'A test', level: 'remark' as const, text: 'This is a test: all is well.' };
      try {
        await tell({
          ...{ id: `test/${randomUUID()}`, type: 'muster.alert.test', at },
          data: { ...data, integrationId: null, integrationName: null, since: at, runbook: toRunbook('test') },
        });
        return { body: { ok: true, failure: null } };
      } catch (error) {
        if (!(error instanceof Untold)) throw error;
        return { body: { ok: false, failure: error.message } };
      }
    },
  });

  return [list, read, put, test];
}

const toRank = (state: string): number => ['firing', 'pending', 'resolved'].indexOf(state);

const toAnswer = (targets: AlertTargets | null, sealer: Sealer) => ({
  body: toTargetsView(targets, sealer),
  headers: { ETag: `"${targets?.revision ?? 0}"` },
});

const changedMeanwhile = (): Problem => new Problem(412, 'The targets were changed meanwhile. Read them again.');
