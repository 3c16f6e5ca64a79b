import { isDeepStrictEqual } from 'node:util';
import type { AlertTargetKind, AlertTargets, WebhookTarget } from '@muster/contracts';
import type { Sealer } from '@muster/store';
import type { Tell } from './message.js';
import { createMailTarget } from './smtp-mail.js';
import { createWebhookTarget } from './webhook-target.js';

export type TargetOptions = { sealer: Pick<Sealer, 'open'>; privateHosts: readonly string[]; now: () => Date };

/** What binds a sealed secret to its place. */
export const toTargetContext = (kind: AlertTargetKind): string => `alerts/${kind}`;

export const URL_CONTEXT = 'alerts/webhook/url';

export const openUrl = (webhook: WebhookTarget, sealer: Pick<Sealer, 'open'>): string =>
  'sealedUrl' in webhook ? sealer.open(webhook.sealedUrl, URL_CONTEXT) : webhook.url;

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
    return createWebhookTarget({ url: openUrl(webhook, sealer), secret, privateHosts, now });
  }
  const email = targets?.email;
  if (!email) return null;
  const { sealedPassword, ...rest } = email;
  const password = sealedPassword === null ? null : sealer.open(sealedPassword, toTargetContext('email'));
  return createMailTarget({ ...rest, password, privateHosts });
}

/** The same with everything sealed by the newest key; null when it was already. */
export function resealTargets(
  targets: AlertTargets,
  sealer: Pick<Sealer, 'seal' | 'open' | 'isOutdated'>,
): AlertTargets | null {
  const reseal = (sealed: string, kind: AlertTargetKind): string =>
    sealer.isOutdated(sealed) ? sealer.seal(sealer.open(sealed, toTargetContext(kind)), toTargetContext(kind)) : sealed;
  const resealWebhook = (webhook: WebhookTarget): WebhookTarget => {
    const isOutdated = !('sealedUrl' in webhook) || sealer.isOutdated(webhook.sealedUrl);
    return {
      sealedUrl: isOutdated ? sealer.seal(openUrl(webhook, sealer), URL_CONTEXT) : webhook.sealedUrl,
      sealedSecret: reseal(webhook.sealedSecret, 'webhook'),
    };
  };
  const { webhook, email } = targets;
  const password = email?.sealedPassword ?? null;
  const after: AlertTargets = {
    ...targets,
    webhook: webhook && resealWebhook(webhook),
    email: email && { ...email, sealedPassword: password === null ? null : reseal(password, 'email') },
  };
  return isDeepStrictEqual(after, targets) ? null : after;
}
