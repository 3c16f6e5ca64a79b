import { z } from 'zod';
import {
  candidateState,
  guid,
  instant,
  planState,
  toPersonKey,
  toPlanSummary,
  type PlanRecord,
  type SyncRequest,
} from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import { cursorField, fromCursor, fromPlaceCursor, pageOf, toCursor, toPlaceCursor } from '../http/cursor.js';
import { flag } from '../http/parse.js';
import { notFound, Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration, listIntegrations, toRequester, type Principal } from '../keys/principal.js';
import { coverageView, planPeopleView, planView, toCandidatePage, toCoverageView, toPlanView } from './plan-schemas.js';

export type PlanRoutesOptions = {
  store: Pick<Store, 'integrations' | 'plans' | 'coverage' | 'users'>;
  publisher: Pick<Publisher, 'publish'>;
  now: Now;
};

const DAY_MS = 86_400_000;
const params = z.object({ planId: z.string().min(1).max(100) });
const body = z
  .strictObject({
    userIds: z.array(guid).min(1).max(1_000).optional().describe('Only these people; all who wait when left out.'),
    seenAt: instant
      .optional()
      .describe(
        '`updatedAt` of the plan that you looked at: who was added later keeps waiting. Needed where `userIds` is left out: nobody answers for people whom they did not see.',
      ),
  })
  .refine(({ userIds, seenAt }) => userIds !== undefined || seenAt !== undefined, {
    path: ['seenAt'],
    message: 'is missing, and so are userIds',
    params: { cure: 'Send updatedAt of the plan as you saw it: who was added since keeps waiting.' },
  });

/** Removals that wait for somebody, and what notifications missed. */
export const planRoutes = (options: PlanRoutesOptions): Route[] => [
  listRoute(options),
  peopleRoute(options),
  answerRoute(options, 'allow'),
  answerRoute(options, 'refuse'),
  coverageRoute(options),
];

const listRoute = ({ store }: PlanRoutesOptions): Route =>
  defineRoute({
    method: 'get',
    path: '/plans',
    summary: 'Removals that were too many at once, newest first',
    tag: 'integrations',
    query: z.strictObject({
      integrationId: guid.optional(),
      state: planState.optional(),
      answered: flag.optional().describe('Those that somebody answered, or only those that wait.'),
      limit: z.coerce.number().int().min(1).max(200).default(20),
      cursor: cursorField,
    }),
    answer: { status: 200, description: 'One page.', schema: pageOf(planView) },
    errors: [404],
    handle: async ({ query: { integrationId, state, answered, limit, cursor }, principal }) => {
      const mine =
        integrationId === undefined
          ? await listIntegrations(store.integrations, principal)
          : [await findIntegration(store.integrations, principal, integrationId)];
      const before = fromPlaceCursor('plans', cursor);
      const plans = await store.plans.summaries({
        integrationIds: mine.map((settings) => settings.integrationId),
        states: planState.options.filter(
          (one) => one === (state ?? one) && (answered === undefined || answered === (one !== 'waiting')),
        ),
        limit,
        ...(before && { before: { createdAt: before.at, planId: before.id } }),
      });
      const last = plans.length === limit ? plans.at(-1) : undefined;
      return {
        body: {
          items: plans.map(toPlanView),
          nextCursor: last ? toPlaceCursor('plans', { at: last.createdAt, id: last.planId }) : null,
        },
      };
    },
  });

const peopleRoute = ({ store }: PlanRoutesOptions): Route =>
  defineRoute({
    method: 'get',
    path: '/plans/{planId}/people',
    summary: 'Whom a plan would remove, and what became of each',
    tag: 'integrations',
    params,
    query: z.strictObject({
      state: candidateState.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(50),
      cursor: cursorField,
    }),
    answer: { status: 200, description: 'One page.', schema: planPeopleView },
    errors: [404],
    handle: async ({ params: { planId }, query: { state, limit, cursor }, principal }) => {
      const plan = await findPlan(store, principal, planId);
      const list = `plan ${planId}`;
      const from = Number(fromCursor(list, cursor) ?? 0);
      const { items, next } = toCandidatePage(plan.candidates, { state, from, limit });
      const settings = await store.integrations.get(plan.integrationId);
      const keys = items.map(({ userId }) => toPersonKey(plan.tenantId, userId));
      // Names of people of a removed integration are shown to nobody.
      const found = await store.users.load(settings?.state === 'removed' ? [] : keys);
      const named = items.map(({ userId, why, state: is }) => ({
        ...{ userId, why, state: is },
        displayName: found.get(toPersonKey(plan.tenantId, userId))?.document.displayName ?? null,
      }));
      const nextCursor = next === null ? null : toCursor(list, String(next));
      return { body: { items: named, nextCursor, plan: toPlanView(toPlanSummary(plan)) } };
    },
  });

const answerRoute = ({ store, publisher, now }: PlanRoutesOptions, verb: 'allow' | 'refuse'): Route =>
  defineRoute({
    method: 'post',
    scopes: ['operate'],
    path: `/plans/{planId}/${verb}`,
    summary: verb === 'allow' ? 'Allow removals, each after a fresh read' : 'Refuse removals: people are kept',
    tag: 'integrations',
    params,
    body,
    answer: { status: 202, description: 'The reconciler takes the answer; GET /plans shows it.', schema: planView },
    errors: [404, 409],
    handle: async ({ params: { planId }, body: { userIds, seenAt }, principal }) => {
      const plan = await findCurrentPlan(store, principal, planId);
      assertAnswerable(plan, { userIds, verb });
      const value: SyncRequest = {
        version: 1,
        type: 'plan',
        integrationId: plan.integrationId,
        tenantId: plan.tenantId,
        planId,
        allowed: verb === 'allow',
        ...(userIds === undefined ? {} : { userIds }),
        // By the plan's clock, not by ours; nobody saw more than there is.
        seenAt: seenAt !== undefined && seenAt < plan.updatedAt ? seenAt : plan.updatedAt,
        requestedBy: toRequester(principal),
        requestedAt: now().toISOString(),
      };
      await publisher.publish([{ topic: 'requests', key: plan.tenantId, value }]);
      return { body: toPlanView(toPlanSummary(plan)) };
    },
  });

async function findPlan(
  { plans }: PlanRoutesOptions['store'],
  principal: Principal,
  planId: string,
): Promise<PlanRecord> {
  const plan = await plans.get(planId);
  if (!plan || (principal.integrationId !== null && principal.integrationId !== plan.integrationId))
    throw notFound('plan with this id');
  return plan;
}

async function findCurrentPlan(
  store: PlanRoutesOptions['store'],
  principal: Principal,
  planId: string,
): Promise<PlanRecord> {
  const plan = await findPlan(store, principal, planId);
  const settings = await findIntegration(store.integrations, principal, plan.integrationId);
  if (settings.groupId !== plan.groupId)
    throw new Problem(409, 'Another group was chosen since this plan was made; it is of no use any more.');
  return plan;
}

function assertAnswerable(plan: PlanRecord, { userIds, verb }: { userIds: string[] | undefined; verb: string }): void {
  const known = new Set(plan.candidates.map(({ userId }) => userId));
  if (userIds?.some((userId) => !known.has(userId)))
    throw new Problem(409, 'Not all of these people are in the plan. GET /plans/{planId}/people says who is.');
  if (plan.state === 'done' || (verb === 'refuse' && plan.state === 'refused'))
    throw new Problem(409, `This plan is ${plan.state}; nobody is left to ${verb}.`);
}

const coverageRoute = ({ store, now }: PlanRoutesOptions): Route =>
  defineRoute({
    method: 'get',
    path: '/integrations/{integrationId}/coverage',
    summary: 'When notifications came, when sweeps alone kept the picture true, when neither; and what was lost',
    tag: 'status',
    params: z.object({ integrationId: guid }),
    query: z.strictObject({ since: instant.optional().describe('The last 24 hours when left out.') }),
    answer: { status: 200, description: 'Intervals and loss.', schema: coverageView },
    errors: [404],
    handle: async ({ params: { integrationId }, query, principal }) => {
      await findIntegration(store.integrations, principal, integrationId);
      const since = query.since ?? new Date(now().getTime() - DAY_MS).toISOString();
      return { body: toCoverageView(integrationId, since, await store.coverage.since(integrationId, since)) };
    },
  });
