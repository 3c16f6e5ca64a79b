/**
 * The cursors of the pages so far, and the next page's. While that one is on its way the page before still shows: its
 * `next` is the last cursor then, and a second click goes nowhere.
 */
export const toOlder = (cursors: readonly string[], next: string | null): string[] =>
  next === null || next === cursors.at(-1) ? [...cursors] : [...cursors, next];
