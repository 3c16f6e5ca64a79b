import { z } from 'zod';
import { guid } from '@muster/contracts';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration } from '../keys/principal.js';
import {
  APP_NAME,
  CLICK_PATHS,
  CONSENT_TRADE,
  FEATURE_TITLES,
  listPermissions,
  toGuideSteps,
  toLeastPrivilege,
  toRedirectUri,
} from './domain/setup-guide.js';
import type { SetupOptions } from './setup-options.js';
import { actionView, toActionView } from './verdict-view.js';

const feature = z.enum(['userSync', 'mfaVerification', 'groupNotifications']);
const flag = z.enum(['true', 'false']);
const trade = z.object({ title: z.string(), good: z.string(), bad: z.string(), clickPath: z.array(z.string()) });

const guide = z
  .object({
    appName: z.string(),
    redirectUri: z.string(),
    platform: z.literal('Web'),
    accountTypes: z.string(),
    secretDays: z.object({ least: z.int(), most: z.int() }),
    consent: z.enum(['application', 'delegated']),
    trade: z.object({ delegated: trade, application: trade }),
    permissions: z.array(
      z.object({
        feature,
        title: z.string().describe('The feature in words.'),
        permission: z.string(),
        needed: z.boolean(),
        why: z.string(),
        clickPath: z.array(z.string()).describe('What to click in Entra, in order.'),
      }),
    ),
    leastPrivilege: z.array(z.string()).describe('The fewest permissions that the chosen features work with.'),
    steps: z.array(
      z.object({
        number: z.int(),
        title: z.string(),
        lines: z.array(z.object({ text: z.string(), copy: z.string().nullable() })),
      }),
    ),
    links: z.array(actionView).describe('Pages of Entra; href is null where this cloud’s portal is not known.'),
  })
  .meta({ id: 'SetupGuide' });

const query = z.strictObject({
  integrationId: guid.optional().describe('Takes features, group and consent from it.'),
  consent: z.enum(['application', 'delegated']).optional().describe('Default delegated, as in the manual.'),
  userSync: flag.optional(),
  mfaVerification: flag.optional(),
});

const toFlag = (text: 'true' | 'false' | undefined, otherwise: boolean): boolean =>
  text === undefined ? otherwise : text === 'true';

export const guideRoutes = ({ store, publicUrl, defaultCloud }: SetupOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/setup/guide',
    summary: 'What to click and paste in Entra, in five steps',
    tag: 'setup',
    query,
    answer: { status: 200, description: 'Values to copy, permissions by feature, steps.', schema: guide },
    errors: [404],
    handle: async ({ query: { integrationId, ...asked }, principal }) => {
      const settings =
        integrationId === undefined ? null : await findIntegration(store.integrations, principal, integrationId);
      const features = {
        userSync: toFlag(asked.userSync, settings?.features.userSync ?? true),
        mfaVerification: toFlag(asked.mfaVerification, settings?.features.mfaVerification ?? true),
      };
      const groupId = settings?.groupId ?? null;
      const consent = asked.consent ?? settings?.consent ?? 'delegated';
      const redirectUri = toRedirectUri(publicUrl);
      const app = { cloud: settings?.cloud ?? defaultCloud, clientId: settings?.clientId ?? null };
      return {
        body: {
          ...{ appName: APP_NAME, redirectUri, platform: 'Web' as const, consent },
          accountTypes: 'Accounts in this organisational directory only (Default Directory only - Single tenant)',
          secretDays: { least: 365, most: 730 },
          trade: {
            delegated: { ...CONSENT_TRADE.delegated, clickPath: [...CLICK_PATHS.delegated] },
            application: { ...CONSENT_TRADE.application, clickPath: [...CLICK_PATHS.application] },
          },
          permissions: listPermissions({ features, groupId }).map((one) => ({
            ...one,
            title: FEATURE_TITLES[one.feature],
            clickPath: [...CLICK_PATHS[consent], one.permission],
          })),
          leastPrivilege: toLeastPrivilege(features, { hasGroup: groupId !== null }),
          steps: toGuideSteps({ redirectUri, features, groupId, consent }),
          links: (['open-app', 'open-secrets', 'open-permissions', 'open-authentication', 'open-groups'] as const).map(
            (kind) => toActionView(kind, app),
          ),
        },
      };
    },
  }),
];
