import { PageButtons, type PageTurn } from './page-buttons.js';

export type PagingProps = PageTurn & {
  pageSize: number;
  /** On the page that is shown. */
  count: number;
  /** Where a page has several such lists. */
  label?: string;
};

/** Back and on through a list that has an order of its own, and which part of it is shown. */
export function Paging({ pageSize, count, label = 'Pages', ...turn }: PagingProps) {
  const before = turn.cursors.length * pageSize;
  return (
    <nav class="row" aria-label={label}>
      <span class="soft" role="status">
        {before + 1} to {before + count}
      </span>
      <PageButtons {...turn} words={['Back', 'Next']} />
    </nav>
  );
}
