import type { mongo } from 'mongoose';
import type { MfaDocument, UserDocument } from '@muster/contracts';
import type { Row } from './mongo-collections.js';
import type { Beside, Guarded } from './mongo-projected.js';
import type { PeopleFilter } from './people-filter.js';
import { toSearchWords } from './search-terms.js';

export type UserRow = UserDocument & Guarded & Beside;
export type MfaRow = MfaDocument & Guarded & Beside;
export type Person = UserDocument & { mfa: MfaDocument | null };

const escapeRegex = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Everything of the filter that the document itself answers. */
export function toUserFilter({
  tenantId,
  notOfTenants,
  status,
  inGroup,
  userType,
  search,
}: PeopleFilter): mongo.Filter<Row<UserRow>> {
  // An anchored, escaped regex is a range of the index; what people type is never an expression.
  const words = toSearchWords(search ?? '').map((word) => ({ searchTerms: { $regex: `^${escapeRegex(word)}` } }));
  return {
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(notOfTenants === undefined ? {} : { tenantId: { $nin: [...notOfTenants] } }),
    ...(status === undefined ? {} : { status }),
    ...(inGroup === undefined ? {} : { inGroup }),
    ...(userType === undefined ? {} : { userType }),
    ...(words.length === 0 ? {} : { $and: words }),
  };
}

export const needsReport = ({ mfa, isAdmin }: PeopleFilter): boolean => mfa !== undefined || isAdmin !== undefined;

/** What a row of the report must say; null where people without one fit too. */
export function toReportFilter({ mfa, isAdmin }: PeopleFilter): mongo.Filter<Row<MfaRow>> | null {
  if (mfa === 'unknown' && isAdmin !== true) return null;
  if (mfa === undefined && isAdmin !== true) return null;
  return {
    ...(mfa === undefined ? {} : { state: mfa }),
    ...(isAdmin === undefined ? {} : { isAdmin: isAdmin || { $ne: true } }),
  };
}

export const fitsReport =
  ({ mfa, isAdmin }: PeopleFilter) =>
  ({ mfa: row }: Person): boolean =>
    (mfa === undefined || (row?.state ?? 'unknown') === mfa) &&
    (isAdmin === undefined || (row?.isAdmin === true) === isAdmin);
