// R10: page after page of made people; remembers every id, as whoever wants to know who is absent must. No log, no database.
const people = Number(process.env.PEOPLE ?? 0);
const PAGE = 999;
const toUser = (index: number): { userId: string; [field: string]: unknown } => {
  const spread = (Math.imul(index, 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
  const userId = `${spread}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
  const nothing = { givenName: null, surname: null, mail: null, jobTitle: null, department: null };
  return { userId, userPrincipalName: `${userId}@contoso.test`, displayName: 'Ann', ...nothing, accountEnabled: true };
};
const begun = performance.now();
const seen = new Set<string>();
let bytes = 0;
for (let from = 0; from < people; from += PAGE) {
  const rows = Array.from({ length: Math.min(PAGE, people - from) }, (_, index) => toUser(from + index));
  const page = JSON.parse(JSON.stringify({ value: rows })) as { value: typeof rows };
  for (const row of page.value) {
    seen.add(row.userId);
    bytes += JSON.stringify(row).length;
  }
  await Promise.resolve();
}
const seconds = (performance.now() - begun) / 1_000;
const peakMiB = process.resourceUsage().maxRSS / 1_024;
console.log(JSON.stringify({ outcome: 'complete', people: seen.size, bytes, seconds, peakMiB }));
