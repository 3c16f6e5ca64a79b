/** The filters of the People page, as they stand in its address. */
export type PeopleFilters = {
  search: string;
  status: string;
  mfa: string;
  scope: string;
  userType: string;
};
export const NO_FILTERS: PeopleFilters = { search: '', status: '', mfa: '', scope: '', userType: '' };

export function readFilters(query: Record<string, string | undefined>): PeopleFilters {
  const { search = '', status = '', mfa = '', scope = '', userType = '' } = query;
  return { search, status, mfa, scope, userType };
}

export const isFiltered = (filters: PeopleFilters): boolean => Object.values(filters).some((value) => value !== '');

/** What the API calls them. */
export function toApiFilters(filters: PeopleFilters): Record<string, string> {
  const { search, status, mfa, scope, userType } = filters;
  const inGroup = scope === 'in' ? 'true' : scope === 'out' ? 'false' : '';
  const given = { search: search.trim(), status, mfa, inGroup, userType };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}
