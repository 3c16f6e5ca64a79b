/** The filters of the People page, as they stand in its address. */
export type PeopleFilters = {
  search: string;
  status: string;
  mfa: string;
  scope: string;
  userType: string;
  admin: string;
};
export const NO_FILTERS: PeopleFilters = { search: '', status: '', mfa: '', scope: '', userType: '', admin: '' };

export function readFilters(query: Record<string, string | undefined>): PeopleFilters {
  const { search = '', status = '', mfa = '', scope = '', userType = '', admin = '' } = query;
  return { search, status, mfa, scope, userType, admin };
}

export const isFiltered = (filters: PeopleFilters): boolean => Object.values(filters).some((value) => value !== '');

/** What the API calls them. */
export function toApiFilters(filters: PeopleFilters): Record<string, string> {
  const { search, status, mfa, scope, userType, admin } = filters;
  const inGroup = scope === 'in' ? 'true' : scope === 'out' ? 'false' : '';
  const given = { search: search.trim(), status, mfa, inGroup, userType, admin };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}
