import { toOlder } from '../domain/cursors.js';

export type NewerOlderProps = {
  /** The cursors of the pages so far; the last one gave the page that is shown. */
  cursors: readonly string[];
  next: string | null;
  setCursors: (cursors: string[]) => void;
  /** Where a page has two such lists. */
  label?: string;
};

/** Pages of what is kept newest first; nothing when all of it is on one page. */
export const NewerOlder = ({ cursors, next, setCursors, label = 'Pages' }: NewerOlderProps) =>
  cursors.length === 0 && next === null ? null : (
    <nav class="row" aria-label={label}>
      <button
        type="button"
        class="button push"
        aria-disabled={cursors.length === 0}
        onClick={() => setCursors(cursors.slice(0, -1))}
      >
        Newer
      </button>
      <button
        type="button"
        class="button"
        aria-disabled={next === null}
        onClick={() => setCursors(toOlder(cursors, next))}
      >
        Older
      </button>
    </nav>
  );
