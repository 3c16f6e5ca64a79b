import type { ComponentChildren } from 'preact';

export type Column = string | { number: string };

/** Rows under their headings; on a phone each row is a card of its own. */
export const Table = ({ columns, children }: { columns: readonly Column[]; children: ComponentChildren }) => (
  <div class="table-box">
    <table class="cards">
      <thead>
        <tr>
          {columns.map((column) =>
            typeof column === 'string' ? (
              <th key={column} scope="col">
                {column}
              </th>
            ) : (
              <th key={column.number} scope="col" class="number">
                {column.number}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);
