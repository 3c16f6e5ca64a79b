/** What spreadsheets take for a formula (https://owasp.org/www-community/attacks/CSV_Injection). */
const FORMULA = /^[\s]*[=+\-@\t\r|%]/;

const toCell = (value: unknown): string => {
  const text = toText(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) || harmless !== harmless.trim() ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(toText).join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** One line of RFC 4180, in which no cell is a formula. */
export const toCsvLine = (cells: readonly unknown[]): string => `${cells.map(toCell).join(',')}\r\n`;
