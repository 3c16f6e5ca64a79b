/** Without case and accents, so that `zoe` finds Zoë. */
const fold = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** The words by which a person is found: each word of each field, and each field's address whole. */
export function toSearchTerms(fields: readonly (string | null | undefined)[]): string[] {
  const terms = new Set<string>();
  for (const field of fields) {
    if (field == null) continue;
    for (const part of fold(field).split(/\s+/)) {
      if (part !== '') terms.add(part);
      for (const word of part.split(/[^\p{L}\p{N}]+/u)) if (word !== '') terms.add(word);
    }
  }
  return [...terms];
}

/** Each word that was typed; a person is meant when each begins one of the person's terms. At most 8. */
export const toSearchWords = (search: string): string[] =>
  fold(search)
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 8);
