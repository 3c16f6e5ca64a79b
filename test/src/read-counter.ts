/**
 * The sum of a counter over all its labels, or over those that are named, from the metrics of a service or a copy of one;
 * 0 while it has none.
 */
export async function readCounter(origin: string, name: string, labels: Record<string, string> = {}): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const wanted = Object.entries(labels).map(([label, value]) => new RegExp(`[{,]${label}="${value}"[,}]`));
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((label) => label.test(line)));
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
