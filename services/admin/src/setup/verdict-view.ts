import { z } from 'zod';
import { SETUP_ACTIONS, setupActionKind, type CloudName } from '@muster/contracts';
import { orNull } from '../http/or-null.js';
import { toEntraLink } from './domain/entra-links.js';
import { VERDICT_FIELDS, VERDICT_STATES, type Verdict } from './domain/verdict.js';

export const actionView = z
  .object({
    kind: setupActionKind,
    label: z.string().describe('What its button says.'),
    href: z.string().nullable().describe('Where it leads in Entra; null: it is done here.'),
  })
  .meta({ id: 'SetupAction' });

export const verdictView = z
  .object({
    field: z.enum(VERDICT_FIELDS),
    state: z
      .enum(VERDICT_STATES)
      .describe('`remark`: it works, but somebody will regret it; `unknown`: not provable yet.'),
    text: z.string(),
    cure: z.string().nullable(),
    action: orNull(actionView),
  })
  .meta({ id: 'SetupVerdict' });
export type VerdictView = z.infer<typeof verdictView>;

type App = { cloud: CloudName; clientId: string | null };

export const toActionView = (kind: keyof typeof SETUP_ACTIONS, app: App): z.infer<typeof actionView> => ({
  kind,
  label: SETUP_ACTIONS[kind],
  href: toEntraLink(kind, app),
});

export const toVerdictView = ({ field, state, text, cure, action }: Verdict, app: App): VerdictView => ({
  ...{ field, state, text, cure: cure ?? null },
  action: action === undefined ? null : toActionView(action, app),
});
