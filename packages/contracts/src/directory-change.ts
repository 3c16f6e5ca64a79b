import { z } from 'zod';
import { userDocument } from './directory-user.js';
import { instant } from './ids.js';
import { mfaDocument } from './mfa-registration.js';
import { observationSource } from './observation.js';

/** The first that fits of these, in this order. [fixed] */
export const USER_CHANGES = [
  'deleted',
  'left-scope',
  'created',
  'restored',
  'entered-scope',
  'disabled',
  'enabled',
  'updated',
] as const;
export type UserChange = (typeof USER_CHANGES)[number];

const envelope = {
  specversion: z.literal('1.0'),
  /** `users|mfa/{tenantId}/{userId}/{revision}`: a repeat has the same id. */
  id: z.string(),
  /** `/tenants/{tenantId}`. */
  source: z.string(),
  /** User id. */
  subject: z.string(),
  time: instant,
  datacontenttype: z.literal('application/json'),
};

/** By which way a change came: what set the read off, and when each step was. The document says the rest. */
export const changeWay = z.object({
  source: observationSource,
  /** Graph's own time of the change, where a notification says one. */
  eventTime: instant.optional(),
  /** The receiver had the notification. */
  receivedAt: instant.optional(),
  /** The projector took the event, notification or observation, from the log. */
  takenAt: instant,
  /** The projector's read was done; absent where another service had read before. */
  readAt: instant.optional(),
});
export type ChangeWay = z.infer<typeof changeWay>;

const change = {
  revision: z.int().positive(),
  changed: z.array(z.string()),
  /** Absent on changes of before, and on those that come of no read. */
  way: changeWay.optional(),
};

/** Value of `directory.changes`: CloudEvents 1.0, structured mode (https://github.com/cloudevents/spec). [fixed] */
export const directoryChange = z.union([
  z.object({
    ...envelope,
    type: z.templateLiteral(['muster.user.', z.enum(USER_CHANGES)]),
    data: z.object({ ...change, document: userDocument }),
  }),
  z.object({
    ...envelope,
    type: z.literal('muster.mfa.changed'),
    data: z.object({ ...change, document: mfaDocument }),
  }),
]);
export type DirectoryChange = z.infer<typeof directoryChange>;
