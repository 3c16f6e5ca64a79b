import { z } from 'zod';

/** Entra object, tenant and application ids; kept in lower case so that equal ids are equal strings. */
export const guid = z
  .string()
  .regex(
    /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    'is not a GUID like 00000000-0000-0000-0000-000000000000',
  )
  .transform((id) => id.toLowerCase());

/** The tenant and integration of the canary: nobody's, so it can never meet a real one. */
export const ZERO_ID = '00000000-0000-0000-0000-000000000000';

/** `_id` of a person's documents and key of everything said about the person, so that it stays in order. */
export const toPersonKey = (tenantId: string, userId: string): string => `${tenantId}/${userId}`;

/** An instant as ISO 8601 text in UTC, milliseconds: sorts as text as it sorts in time. */
export const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  // An offset may move the first and the last day of four digits out of them: +010000-…, -000001-….
  .refine((text) => /^\d{4}-/.test(text), 'is not in the years 0000 to 9999 in UTC');
