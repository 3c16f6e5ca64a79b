import type { GroupField } from './group.js';

/** One thing that happened in a tenant; delta queries and notifications are both made of these. */
export type Change = { readonly version: number; readonly at: number } & (
  | {
      readonly type: 'user';
      readonly id: string;
      readonly what: 'created' | 'updated' | 'deleted' | 'restored' | 'purged';
      readonly mask: number;
    }
  | {
      readonly type: 'group';
      readonly id: string;
      readonly what: 'created' | 'updated' | 'owners' | 'deleted' | 'restored' | 'purged';
      /** Of an update: what it changed. Left out: any of them. */
      readonly fields?: readonly GroupField[];
    }
  | {
      readonly type: 'member';
      readonly id: string;
      readonly memberId: string;
      readonly memberType: 'user' | 'group';
      readonly added: boolean;
    }
);

type Unnumbered<T> = T extends unknown ? Omit<T, 'version'> : never;
export type NewChange = Unnumbered<Change>;

export type ChangeLog = {
  /** Version of the newest change; 0 when nothing ever changed. */
  readonly version: () => number;
  /** Nothing at or below this version is kept any more. */
  readonly forgotten: () => number;
  readonly append: (change: NewChange) => Change;
  readonly entries: () => readonly Change[];
  /** Position in `entries` of the first change after `version`. */
  readonly positionAfter: (version: number) => number;
  readonly forgetBefore: (time: number) => void;
};

export const createChangeLog = (kept: readonly Change[] = [], lastVersion = 0): ChangeLog => {
  let entries = [...kept];
  let version = entries.at(-1)?.version ?? lastVersion;
  let forgotten = (entries[0]?.version ?? version + 1) - 1;
  const positionAfter = (wanted: number) => {
    // Versions are consecutive, so the position follows from the first.
    const first = entries[0];
    return first === undefined ? 0 : Math.min(Math.max(wanted - first.version + 1, 0), entries.length);
  };
  return {
    version: () => version,
    forgotten: () => forgotten,
    append: (change) => {
      version += 1;
      const numbered: Change = { ...change, version };
      entries.push(numbered);
      return numbered;
    },
    entries: () => entries,
    positionAfter,
    forgetBefore: (time) => {
      const firstKept = entries.findIndex(({ at }) => at >= time);
      if (firstKept === 0 || entries.length === 0) return;
      forgotten = firstKept === -1 ? version : (entries[firstKept]?.version ?? version + 1) - 1;
      entries = firstKept === -1 ? [] : entries.slice(firstKept);
    },
  };
};
