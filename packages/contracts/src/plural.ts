const NUMBERS = new Intl.NumberFormat('en-GB');

/** `12,345`. */
export const formatCount = (count: number): string => NUMBERS.format(count);

/** `1 person`, `2 people`; also with what they do: `1 person waits`. Part of the sentences of every service and of the pages. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
