import { z } from 'zod';
import { guid, instant } from './ids.js';

/** `remark`: to be done in the next days. `problem`: people are let in or kept out on old data, or soon will be. */
export const alertLevel = z.enum(['problem', 'remark']);
export type AlertLevel = z.infer<typeof alertLevel>;
export const alertEvent = z.enum(['firing', 'resolved', 'test']);
export type AlertEvent = z.infer<typeof alertEvent>;
export const alertTargetKind = z.enum(['webhook', 'email']);
export type AlertTargetKind = z.infer<typeof alertTargetKind>;

/** What is still to be told to one target. */
export const alertDelivery = z.object({
  /** The same in each try, so that the other side can tell repeats. */
  messageId: z.string(),
  target: alertTargetKind,
  event: alertEvent,
  text: z.string(),
  at: instant,
  tries: z.int().nonnegative(),
  nextAt: instant,
  /** Why the last try failed, in words. */
  failure: z.string().nullable(),
});
export type AlertDelivery = z.infer<typeof alertDelivery>;

/** A document of `alerts`, `_id` = `{rule}/{integrationId}`, `{rule}/-` for what all integrations share. */
export const alertRecord = z.object({
  alertId: z.string(),
  rule: z.string(),
  integrationId: guid.nullable(),
  /** `pending`: holds, but not for long enough to wake somebody. */
  state: z.enum(['pending', 'firing', 'resolved']),
  level: alertLevel,
  /** Raised when it becomes more pressing, which is told again. */
  step: z.int().nonnegative(),
  text: z.string(),
  since: instant,
  firedAt: instant.nullable(),
  resolvedAt: instant.nullable(),
  untold: z.array(alertDelivery),
  revision: z.int().positive(),
});
export type AlertRecord = z.infer<typeof alertRecord>;

/** The document of `alertTargets`: where alerts go. What is secret in it is sealed. */
export const alertTargets = z.object({
  /** The address may hold a token, so it is sealed too; `url`: as it was kept before that. */
  webhook: z
    .union([
      z.object({ sealedUrl: z.string(), sealedSecret: z.string() }),
      z.object({ url: z.string(), sealedSecret: z.string() }),
    ])
    .nullable(),
  email: z
    .object({
      host: z.string(),
      port: z.int(),
      /** `tls` from the first byte, `starttls` (refused without), or none at all. */
      security: z.enum(['tls', 'starttls', 'none']),
      user: z.string().nullable(),
      sealedPassword: z.string().nullable(),
      from: z.string(),
      to: z.array(z.string()),
    })
    .nullable(),
  revision: z.int().positive(),
  updatedAt: instant,
});
export type AlertTargets = z.infer<typeof alertTargets>;
export type WebhookTarget = NonNullable<AlertTargets['webhook']>;
export type EmailTarget = NonNullable<AlertTargets['email']>;
