import { z } from 'zod';
import { faultPlanSchema, faultRuleSchema } from '../faults.js';
import type { SettingsPatch } from '../settings.js';
import { clockAnswer, endpointsAnswer, ledgerAnswer } from './answers.js';
import type { Control } from './control.js';
import type { Route } from './route.js';
import { route } from './route.js';
import { clockSchema, ledgerSchema, settingsPatchSchema } from './schemas.js';

const faultsAnswer = z.object({
  ...faultPlanSchema.shape,
  hits: z.array(z.object({ rule: faultRuleSchema, hits: z.int() })),
});

/** About the simulator as a whole: health, ledger, faults, clock, settings. */
export const worldRoutes = (control: Control): Route[] => {
  const faults = () => ({ ...control.faults(), hits: control.hits() });
  return [
    route({
      method: 'get',
      path: '/healthz',
      tag: 'world',
      summary: 'Whether it runs.',
      answer: z.object({ status: z.literal('ok') }),
      run: () => ({ status: 'ok' }),
    }),
    route({
      method: 'get',
      path: '/ledger',
      tag: 'delivery',
      summary: 'What became of each notification: when changed, sent, acknowledged, dropped and why.',
      query: ledgerSchema,
      answer: ledgerAnswer,
      run: ({ query }) => ({ deliveries: control.ledger(query) }),
    }),
    route({
      method: 'get',
      path: '/subscriptions',
      tag: 'delivery',
      summary: 'All subscriptions of all tenants, client states included.',
      answer: z.object({ subscriptions: z.array(z.looseObject({ id: z.guid(), tenantId: z.guid() })) }),
      run: () => ({ subscriptions: control.subscriptions() }),
    }),
    route({
      method: 'get',
      path: '/endpoints',
      tag: 'delivery',
      summary: 'Every address that was posted to, and whether it is slow or dropped.',
      answer: endpointsAnswer,
      run: () => ({ endpoints: control.endpoints() }),
    }),
    route({
      method: 'get',
      path: '/faults',
      tag: 'faults',
      summary: 'The fault plan, and how often each rule struck.',
      answer: faultsAnswer,
      run: faults,
    }),
    route({
      method: 'put',
      path: '/faults',
      tag: 'faults',
      summary: 'Sets the whole plan; the same plan and seed make the same faults again.',
      body: faultPlanSchema,
      answer: faultsAnswer,
      run: ({ body }) => {
        control.setFaults(body);
        return faults();
      },
    }),
    route({
      method: 'delete',
      path: '/faults',
      tag: 'faults',
      summary: 'Ends all faults.',
      run: () => control.setFaults({}),
    }),
    route({
      method: 'get',
      path: '/clock',
      tag: 'world',
      summary: 'The time of the simulator.',
      answer: clockAnswer,
      run: () => control.clock(),
    }),
    route({
      method: 'put',
      path: '/clock',
      tag: 'world',
      summary: 'Steps a stepped clock forwards; 409 when time is real.',
      body: clockSchema,
      answer: clockAnswer,
      run: ({ body }) => {
        control.moveClock(body);
        return control.clock();
      },
    }),
    route({
      method: 'get',
      path: '/settings',
      tag: 'world',
      summary: 'Lives, limits and switches; times in ms.',
      answer: settingsPatchSchema,
      run: () => control.settings(),
    }),
    route({
      method: 'patch',
      path: '/settings',
      tag: 'world',
      summary: 'Shortens lives and turns switches while the simulator runs.',
      body: settingsPatchSchema,
      answer: settingsPatchSchema,
      run: ({ body }) => control.setSettings(body as SettingsPatch),
    }),
  ];
};
