import { PageButtons, type PageTurn } from './page-buttons.js';

/** `label`: where a page has two such lists. */
export type NewerOlderProps = PageTurn & { label?: string };

/** Pages of what is kept newest first; nothing when all of it is on one page. */
export const NewerOlder = ({ label = 'Pages', ...turn }: NewerOlderProps) =>
  turn.cursors.length === 0 && turn.next === null ? null : (
    <nav class="row" aria-label={label}>
      <PageButtons {...turn} words={['Newer', 'Older']} />
    </nav>
  );
