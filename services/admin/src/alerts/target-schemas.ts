import { z } from 'zod';
import type { AlertTargets } from '@muster/contracts';
import type { Sealer } from '@muster/store';
import { Problem } from '../http/problem.js';
import { openUrl, toTargetContext, URL_CONTEXT } from './targets.js';
import { isStandardSecret, WHSEC } from './webhook-target.js';

const SMTP_PORTS = [25, 465, 587, 2525];

const address = z.email().max(254);
const host = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i, 'is not the name of a host');
const webhookUrl = z
  .url({ protocol: /^https$/, error: 'is not an https address' })
  .max(2_000)
  .refine((url) => {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    return parsed?.username === '' && parsed.password === '';
  }, 'must not hold a user or password');

export const targetsBody = z.strictObject({
  webhook: z
    .strictObject({
      url: webhookUrl
        .optional()
        .describe('Left out: as it is. Never comes back whole, for whoever has it may write there.'),
      secret: z
        .string()
        .min(24)
        .max(256)
        .refine((secret) => !secret.startsWith(WHSEC) || isStandardSecret(secret), {
          error: `begins with ${WHSEC}, but what follows is not base64 of 24 to 64 bytes`,
        })
        .optional()
        .describe('Signs each message; `whsec_` and base64, or any text. Left out: as it is. Never comes back.'),
    })
    .nullable(),
  email: z
    .strictObject({
      host,
      port: z
        .int()
        .refine((port) => SMTP_PORTS.includes(port), `is not one of ${SMTP_PORTS.join(', ')}`)
        .describe('Of mail servers: 25, 465, 587 or 2525.'),
      security: z.enum(['tls', 'starttls', 'none']).describe('`none` for a relay without a password only.'),
      user: z.string().min(1).max(254).nullable().default(null),
      password: z.string().min(1).max(512).optional().describe('Left out: as it is. Never comes back.'),
      from: address,
      to: z.array(address).min(1).max(20),
    })
    .nullable(),
});

export const targetsView = z
  .object({
    webhook: z
      .object({
        address: z.string().describe('Its origin and, of a long one, the last four characters; the rest is a secret.'),
        hasSecret: z.literal(true),
      })
      .nullable(),
    email: z
      .object({
        host: z.string(),
        port: z.int(),
        security: z.enum(['tls', 'starttls', 'none']),
        user: z.string().nullable(),
        hasPassword: z.boolean(),
        from: z.string(),
        to: z.array(z.string()),
      })
      .nullable(),
    updatedAt: z.string().nullable(),
  })
  .meta({ id: 'AlertTargets' });

export function toTargetsView(targets: AlertTargets | null, sealer: Pick<Sealer, 'open'>): z.input<typeof targetsView> {
  const { webhook = null, email = null, updatedAt = null } = targets ?? {};
  return {
    webhook: webhook && { address: toShownAddress(openUrl(webhook, sealer)), hasSecret: true },
    email: email && { ...email, hasPassword: email.sealedPassword !== null },
    updatedAt,
  };
}

const LEAST_HIDDEN = 12;

/** Enough to tell one webhook from another; the path of Slack's or Teams' is all that proves who may write there. */
export function toShownAddress(url: string): string {
  const { origin, pathname, search, hash } = new URL(url);
  const rest = `${pathname}${search}${hash}`;
  if (rest === '/') return origin;
  return `${origin}/…${rest.length < LEAST_HIDDEN ? '' : rest.slice(-4)}`;
}

type Typed = z.infer<typeof targetsBody>;
type Sealing = { sealer: Pick<Sealer, 'seal' | 'open'>; now: Date };

/** What was typed, sealed. A kept secret stays with the host it was typed for: it is never sent to another. */
export function toTargets(typed: Typed, before: AlertTargets | null, { sealer, now }: Sealing): AlertTargets {
  return {
    webhook: typed.webhook && toWebhook(typed.webhook, before, sealer),
    email: typed.email && toEmail(typed.email, before, sealer),
    revision: (before?.revision ?? 0) + 1,
    updatedAt: now.toISOString(),
  };
}

function toWebhook(
  { url, secret }: NonNullable<Typed['webhook']>,
  before: AlertTargets | null,
  sealer: Sealing['sealer'],
): AlertTargets['webhook'] {
  const old = before?.webhook ?? null;
  const oldUrl = old && openUrl(old, sealer);
  const wanted = url ?? oldUrl;
  if (wanted === null) throw refuse('webhook.url', 'is missing', 'Give the https address that takes the messages.');
  const kept = old && wanted === oldUrl ? old.sealedSecret : null;
  const sealedSecret = secret === undefined ? kept : sealer.seal(secret, toTargetContext('webhook'));
  if (sealedSecret === null)
    throw refuse('webhook.secret', 'is missing', 'Give the secret that this address checks signatures with.');
  return { sealedUrl: sealer.seal(wanted, URL_CONTEXT), sealedSecret };
}

function toEmail(
  { password, ...rest }: NonNullable<Typed['email']>,
  before: AlertTargets | null,
  sealer: Sealing['sealer'],
): AlertTargets['email'] {
  const { host: sameHost, user: sameUser, sealedPassword: old = null } = before?.email ?? {};
  const kept = sameHost === rest.host && sameUser === rest.user && rest.user !== null ? old : null;
  const sealedPassword = password === undefined ? kept : sealer.seal(password, toTargetContext('email'));
  if (sealedPassword !== null && rest.security === 'none')
    throw refuse('email.security', 'sends the password in the clear', 'Take tls or starttls, or leave user out.');
  if ((rest.user === null) !== (sealedPassword === null))
    throw refuse('email.password', 'goes with user', 'Give both, or neither.');
  return { ...rest, sealedPassword };
}

const refuse = (field: string, problem: string, cure: string): Problem =>
  new Problem(400, `The body is not usable: ${field}.`, { problems: [{ field, problem, cure }] });
