import type { AlertTargetKind, AlertTargets } from '@muster/contracts';
import type { Sealer } from '@muster/store';
import type { Tell } from './message.js';
import { createMailTarget } from './smtp-mail.js';
import { createWebhookTarget } from './webhook-target.js';

export type TargetOptions = { sealer: Pick<Sealer, 'open'>; privateHosts: readonly string[]; now: () => Date };

/** What binds a sealed secret to its place. */
export const toTargetContext = (kind: AlertTargetKind): string => `alerts/${kind}`;

export const listKinds = (targets: AlertTargets | null): AlertTargetKind[] => [
  ...(targets?.webhook ? (['webhook'] as const) : []),
  ...(targets?.email ? (['email'] as const) : []),
];

/** How to tell a target, its secret opened; null when there is none of this kind. */
export function openTarget(targets: AlertTargets | null, kind: AlertTargetKind, options: TargetOptions): Tell | null {
  const { sealer, privateHosts, now } = options;
  if (kind === 'webhook') {
    const webhook = targets?.webhook;
    if (!webhook) return null;
    const secret = sealer.open(webhook.sealedSecret, toTargetContext('webhook'));
    return createWebhookTarget({ url: webhook.url, secret, privateHosts, now });
  }
  const email = targets?.email;
  if (!email) return null;
  const { sealedPassword, ...rest } = email;
  const password = sealedPassword === null ? null : sealer.open(sealedPassword, toTargetContext('email'));
  return createMailTarget({ ...rest, password });
}

/** The same with everything sealed by the newest key; null when it was already. */
export function resealTargets(
  targets: AlertTargets,
  sealer: Pick<Sealer, 'seal' | 'open' | 'isOutdated'>,
): AlertTargets | null {
  const reseal = (sealed: string, kind: AlertTargetKind): string =>
    sealer.isOutdated(sealed) ? sealer.seal(sealer.open(sealed, toTargetContext(kind)), toTargetContext(kind)) : sealed;
  const { webhook, email } = targets;
  const password = email?.sealedPassword ?? null;
  const after: AlertTargets = {
    ...targets,
    webhook: webhook && { ...webhook, sealedSecret: reseal(webhook.sealedSecret, 'webhook') },
    email: email && { ...email, sealedPassword: password === null ? null : reseal(password, 'email') },
  };
  const same =
    after.webhook?.sealedSecret === webhook?.sealedSecret && after.email?.sealedPassword === email?.sealedPassword;
  return same ? null : after;
}
