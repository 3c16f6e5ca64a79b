import { badRequest, unsupportedQuery } from './fault.js';

export type Literal = string | boolean | null;

/** The part of OData `$filter` that directory reads need. */
export type Filter =
  | { readonly type: 'eq' | 'ne'; readonly name: string; readonly value: Literal }
  | { readonly type: 'in'; readonly name: string; readonly values: readonly Literal[] }
  | { readonly type: 'startsWith'; readonly name: string; readonly value: string }
  | { readonly type: 'has'; readonly name: string; readonly value: Literal }
  | { readonly type: 'and' | 'or'; readonly left: Filter; readonly right: Filter };

/** A filter that compares one property. */
export type Comparison = Exclude<Filter, { left: Filter }>;

const TOKEN = /\s*('(?:[^']|'')*'|[(),/:]|[A-Za-z0-9_.@-]+)/y;

const tokenise = (text: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match?.[1] === undefined) throw badRequest('Invalid filter clause: syntax error.', 'BadRequest');
    tokens.push(match[1]);
  }
  return tokens;
};

const toLiteral = (token: string): Literal => {
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  if (token === 'true' || token === 'false') return token === 'true';
  if (token === 'null') return null;
  // Guids may stand without quotes.
  if (/^[0-9a-f-]{36}$/i.test(token)) return token;
  throw badRequest(`Invalid filter clause: '${token}' is no literal.`, 'BadRequest');
};

/** Recursive descent: `or` binds weaker than `and`; parentheses group. */
export const parseFilter = (text: string): Filter => {
  const tokens = tokenise(text);
  let position = 0;
  const take = () => tokens[position++] ?? '';
  const expect = (token: string) => {
    const given = take();
    if (given !== token)
      throw badRequest(`Invalid filter clause: '${token}' expected, '${given}' found.`, 'BadRequest');
  };
  const startsWith = (): Filter => {
    expect('(');
    const name = take();
    expect(',');
    const value = toLiteral(take());
    expect(')');
    return { type: 'startsWith', name, value: typeof value === 'string' ? value : '' };
  };
  const anyOf = (name: string): Filter => {
    // name/any(x:x eq 'value')
    expect('any');
    expect('(');
    const variable = take();
    expect(':');
    expect(variable);
    expect('eq');
    const value = toLiteral(take());
    expect(')');
    return { type: 'has', name, value };
  };
  const list = (): Literal[] => {
    expect('(');
    const values = [toLiteral(take())];
    while (tokens[position] === ',') {
      take();
      values.push(toLiteral(take()));
    }
    expect(')');
    return values;
  };
  const term = (): Filter => {
    const name = take();
    if (name === '(') {
      const inner = or();
      expect(')');
      return inner;
    }
    if (name.toLowerCase() === 'startswith') return startsWith();
    const operator = take();
    if (operator === '/') return anyOf(name);
    if (operator === 'in') return { type: 'in', name, values: list() };
    if (operator !== 'eq' && operator !== 'ne') throw unsupportedQuery(`Unsupported filter operator '${operator}'.`);
    return { type: operator, name, value: toLiteral(take()) };
  };
  const chain = (word: 'and' | 'or', next: () => Filter) => (): Filter => {
    let left = next();
    while (tokens[position] === word) {
      take();
      left = { type: word, left, right: next() };
    }
    return left;
  };
  const and = chain('and', term);
  const or: () => Filter = chain('or', and);
  const filter = or();
  if (position < tokens.length)
    throw badRequest(`Invalid filter clause: '${tokens[position] ?? ''}' is too much.`, 'BadRequest');
  return filter;
};

const same = (a: unknown, b: Literal): boolean =>
  typeof a === 'string' && typeof b === 'string' ? a.toLowerCase() === b.toLowerCase() : a === b;

/** Compiles to a test of one row; `read` gives the value of a name, and refuses what cannot be compared so. */
export const toPredicate = <T>(
  filter: Filter,
  read: (name: string, type: Comparison['type']) => (row: T) => unknown,
): ((row: T) => boolean) => {
  if ('left' in filter) {
    const [left, right] = [toPredicate(filter.left, read), toPredicate(filter.right, read)];
    return filter.type === 'and' ? (row) => left(row) && right(row) : (row) => left(row) || right(row);
  }
  const value = read(filter.name, filter.type);
  switch (filter.type) {
    case 'eq':
      return (row) => same(value(row), filter.value);
    case 'ne':
      return (row) => !same(value(row), filter.value);
    case 'in':
      return (row) => filter.values.some((wanted) => same(value(row), wanted));
    case 'startsWith': {
      const start = filter.value.toLowerCase();
      return (row) => {
        const text = value(row);
        return typeof text === 'string' && text.toLowerCase().startsWith(start);
      };
    }
    case 'has':
      return (row) => {
        const held = value(row);
        return Array.isArray(held) && held.some((entry) => same(entry, filter.value));
      };
  }
};

/** The values that `name` must have one of, when the filter says nothing else; lets a read use an index. */
export const keysOf = (filter: Filter, name: string): readonly string[] | null => {
  if (filter.type === 'eq' && filter.name === name && typeof filter.value === 'string') return [filter.value];
  if (filter.type === 'in' && filter.name === name)
    return filter.values.every((value) => typeof value === 'string') ? filter.values : null;
  if (filter.type !== 'or') return null;
  const [left, right] = [keysOf(filter.left, name), keysOf(filter.right, name)];
  return left && right && [...left, ...right];
};
