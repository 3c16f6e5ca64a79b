import { badRequest, unsupportedQuery } from './fault.js';
import type { GraphRequest } from './request.js';

const LARGEST_PAGE = 999;

export const readTop = (query: URLSearchParams, fallback: number, largest = LARGEST_PAGE): number => {
  const given = query.get('$top');
  if (given === null) return fallback;
  const top = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (!(top >= 1 && top <= largest))
    throw unsupportedQuery(`Invalid page size specified: '${given}'. Must be between 1 and ${largest} inclusive.`);
  return top;
};

/** The names in `$select`; null when it is not given. Unknown names are refused, as Graph does. */
export const readSelect = (
  query: URLSearchParams,
  { known, type }: { known: ReadonlySet<string>; type: string },
): readonly string[] | null => {
  const given = query.get('$select');
  if (given === null || given.trim() === '') return null;
  const names = given.split(',').map((name) => name.trim());
  if (names.includes('*')) return null;
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw badRequest(
      `Parsing OData Select and Expand failed: Could not find a property named '${unknown}' on type '${type}'.`,
      'BadRequest',
    );
  return [...new Set(names)];
};

export const refuseOptions = (query: URLSearchParams, names: readonly string[]): void => {
  for (const name of names)
    if (query.has(name))
      throw name === '$skip'
        ? badRequest("'$skip' is not supported by the service.")
        : unsupportedQuery(`The query option '${name}' is not supported for this resource.`);
};

/** Counting is an advanced query: it needs the header, on every page (contract 5.4). */
export const wantsCount = ({ query, header }: GraphRequest): boolean =>
  query.get('$count')?.toLowerCase() === 'true' && header('consistencylevel')?.toLowerCase() === 'eventual';

export const needsConsistencyLevel = ({ header }: GraphRequest, what: string): void => {
  if (header('consistencylevel')?.toLowerCase() !== 'eventual')
    throw badRequest(`${what} is not currently supported without the header ConsistencyLevel: eventual.`);
};

export const optionsOf = (query: URLSearchParams, names: readonly string[]): (readonly [string, string])[] =>
  names.flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, value] as const];
  });
