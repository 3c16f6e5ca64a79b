/** Text that is safe to put into a page as it is. */
export class Html {
  constructor(readonly text: string) {}
}

type Piece = string | number | Html | null | false | undefined | readonly Piece[];

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const toText = (piece: Piece): string => {
  if (piece === null || piece === undefined || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map((one) => toText(one)).join('');
  return String(piece).replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
};

/** Everything that is put in is escaped, unless it is Html itself. Attributes must be quoted. */
export const html = (parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(parts.reduce((text, part, index) => text + toText(pieces[index - 1]) + part));
