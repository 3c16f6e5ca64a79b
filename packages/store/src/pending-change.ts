import type { DirectoryChange } from '@muster/contracts';

type Of<C extends DirectoryChange> = Omit<C, 'data'> & {
  /** Changes of before 2026-11-27 have the document, too. */
  data: Omit<C['data'], 'document'> & Partial<Pick<C['data'], 'document'>>;
};
/** A change as it is kept beside its document, which it need not have once more: both are written at once. */
export type KeptPending = Of<DirectoryChange>;

export function toKept({ data: { document: _, ...data }, ...envelope }: DirectoryChange): KeptPending {
  return { ...envelope, data };
}

/** Whole again: while it waits, its document is not touched. */
export const toChange = (kept: KeptPending, document: unknown): DirectoryChange =>
  ({ ...kept, data: { document, ...kept.data } }) as DirectoryChange;
