import { toOlder } from '../domain/cursors.js';

export type PageTurn = {
  /** The cursors of the pages so far; the last one gave the page that is shown. */
  cursors: readonly string[];
  next: string | null;
  setCursors: (cursors: string[]) => void;
};

/** To the page before and to the next one; what they are called depends on the order of the list. */
export const PageButtons = ({ cursors, next, setCursors, words }: PageTurn & { words: readonly [string, string] }) => (
  <span class="row push">
    <button
      type="button"
      class="button"
      aria-disabled={cursors.length === 0}
      onClick={() => setCursors(cursors.slice(0, -1))}
    >
      {words[0]}
    </button>
    <button
      type="button"
      class="button"
      aria-disabled={next === null}
      onClick={() => setCursors(toOlder(cursors, next))}
    >
      {words[1]}
    </button>
  </span>
);
