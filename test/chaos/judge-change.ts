import {
  isInScopeStatus,
  type DirectoryChange,
  type MfaDocument,
  type UserDocument,
  type UserStatus,
} from '@muster/contracts';

type Document = UserDocument | MfaDocument;

/** Of these nobody is told by name: they are the document's own, or the report's. */
const UNTOLD = new Set(['tenantId', 'userId', 'revision', 'observedAt', 'changedAt', 'reportedAt']);

const isAlike = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function toDiffering(before: Document | undefined, document: Document): string[] {
  const old = new Map<string, unknown>(Object.entries(before ?? {}));
  const told = Object.entries(document).filter(([name]) => !UNTOLD.has(name));
  return told.filter(([name, value]) => !before || !isAlike(old.get(name), value)).map(([name]) => name);
}

/** As the contract orders them (`USER_CHANGES`): the first that fits. */
function toType(before: UserStatus | undefined, status: UserStatus): string {
  if (status === before) return 'updated';
  if (status === 'deleted') return 'deleted';
  if (!isInScopeStatus(status)) return isInScopeStatus(before) ? 'left-scope' : before ? 'restored' : 'created';
  if (before === undefined) return 'created';
  if (before === 'deleted') return 'restored';
  if (before === 'out-of-scope') return 'entered-scope';
  return status === 'disabled' ? 'disabled' : 'enabled';
}

/** Of a person's document; a row of the report has none. */
export const statusOf = (document: Document | undefined): UserStatus | undefined =>
  document && 'status' in document ? document.status : undefined;

/** What a change says of itself that is not so, by the document as it was told before: its kind, its fields, its time. */
export function judgeChange(before: Document | undefined, { id, type, time, data }: DirectoryChange): string[] {
  const { document, changed } = data;
  const wanted = 'status' in document ? `user.${toType(statusOf(before), document.status)}` : 'mfa.changed';
  const differing = toDiffering(before, document).toSorted();
  return [
    ...(type === `muster.${wanted}` ? [] : [`${id} is told as ${type}, and is muster.${wanted}`]),
    ...(isAlike([...changed].sort(), differing)
      ? []
      : [
          `${id} tells of ${changed.join(', ') || 'nothing'}, and what differs is ${differing.join(', ') || 'nothing'}`,
        ]),
    ...(time === document.changedAt ? [] : [`${id} is of ${time}, its document of ${document.changedAt}`]),
  ];
}
