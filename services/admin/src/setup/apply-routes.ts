import type { About } from '../audit/audit.js';
import { defineRoute, type Route } from '../http/route.js';
import { applyIntegration } from './apply-integration.js';
import { applyFile, applyResult, type Applied } from './apply-schemas.js';
import type { SetupOptions } from './setup-options.js';

/** Of a whole dry run: whoever asks gives up soon after. */
const TELL_WITHIN_MS = 15_000;

/** Setup as code. */
export const applyRoutes = (options: SetupOptions): Route[] => [
  defineRoute({
    method: 'post',
    path: '/apply',
    summary: 'Make integrations as a file says (JSON or YAML); the same file again changes nothing',
    tag: 'setup',
    operatorOnly: true,
    body: applyFile(options.now),
    yaml: true,
    answer: {
      status: 200,
      description: 'What was done for each; ok is false when one was refused.',
      schema: applyResult,
    },
    handle: async ({ body: { integrations, dryRun = false }, principal }) => {
      const items: Applied[] = [];
      const context = { ...options, principal, dryRun, tellUntil: performance.now() + TELL_WITHIN_MS };
      for (const wanted of integrations) items.push(await applyIntegration(wanted, context));
      return {
        body: { ok: items.every(({ outcome }) => outcome !== 'refused'), dryRun, items },
        about: dryRun ? [] : items.flatMap(toAbout),
      };
    },
  }),
];

/** What stays as it was is in no audit. */
const toAbout = ({ integrationId, outcome, problem }: Applied): About[] =>
  outcome === 'unchanged' ? [] : [{ integrationId, why: problem }];
