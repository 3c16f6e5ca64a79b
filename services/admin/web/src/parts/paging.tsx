export type PagingProps = {
  from: number;
  count: number;
  back: (() => void) | null;
  on: (() => void) | null;
  /** Where a page has several such lists. */
  label?: string;
};

/** Back and on through a list that has an order of its own; null: there is no such page. */
export const Paging = ({ from, count, back, on, label = 'Pages' }: PagingProps) => (
  <nav class="row" aria-label={label}>
    <span class="soft" role="status">
      {from} to {from + count - 1}
    </span>
    <span class="row push">
      <button type="button" class="button" aria-disabled={back === null} onClick={() => back?.()}>
        Back
      </button>
      <button type="button" class="button" aria-disabled={on === null} onClick={() => on?.()}>
        Next
      </button>
    </span>
  </nav>
);
