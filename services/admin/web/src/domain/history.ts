export type HistoryItem = {
  revision?: number;
  type?: string;
  at?: string;
  time?: string;
  changed?: string[];
  changedFields?: string[];
  source?: string;
  text?: string;
};
export type HistoryAnswer = { items: HistoryItem[] };
export type HistoryEntry = { key: string; at: string | null; title: string; detail: string };

const TITLES: Record<string, string> = {
  'muster.user.created': 'Appeared',
  'muster.user.deleted': 'Deleted',
  'muster.user.left-scope': 'Left the scope',
  'muster.user.restored': 'Restored',
  'muster.user.entered-scope': 'Entered the scope',
  'muster.user.disabled': 'Disabled',
  'muster.user.enabled': 'Enabled',
  'muster.user.updated': 'Changed',
  'muster.mfa.changed': 'MFA changed',
};

/** Changes in words, newest first, as they came. */
export const toHistory = ({ items }: HistoryAnswer): HistoryEntry[] =>
  items.map((item, index) => {
    const fields = item.changed ?? item.changedFields ?? [];
    const details = [
      fields.length === 0 ? '' : `Changed: ${fields.join(', ')}.`,
      item.source === undefined ? '' : `By ${item.source}.`,
      item.revision === undefined ? '' : `Revision ${item.revision}.`,
    ];
    return {
      key: `${item.type ?? ''}/${item.revision ?? index}/${index}`,
      at: item.at ?? item.time ?? null,
      title: item.text ?? TITLES[item.type ?? ''] ?? item.type ?? 'Change',
      detail: details.filter((detail) => detail !== '').join(' '),
    };
  });
