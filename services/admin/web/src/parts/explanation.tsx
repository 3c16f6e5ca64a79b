const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const DATE_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** `lastReadAt` → `Last read at`. */
const toLabel = (key: string): string => {
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const toText = (value: unknown): string => {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return INSTANT.test(value) ? DATE_TIME.format(new Date(value)) : value;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
};

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Facts as the service tells them: names and values, lists and groups, whatever their shape. */
export function Explanation({ value }: { value: unknown }) {
  if (typeof value !== 'object' || value === null) return <>{toText(value)}</>;
  if (isList(value)) {
    if (value.length === 0) return <span class="soft">none</span>;
    return (
      <ul class="stack-s">
        {value.map((one, index) => (
          <li key={index}>
            <Explanation value={one} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <dl class="facts">
      {Object.entries(value as Record<string, unknown>).map(([key, one]) => (
        <>
          <dt key={key}>{toLabel(key)}</dt>
          <dd>
            <Explanation value={one} />
          </dd>
        </>
      ))}
    </dl>
  );
}
