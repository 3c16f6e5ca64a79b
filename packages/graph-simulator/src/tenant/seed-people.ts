import type { Random } from '../random.js';
import { pickName } from './names.js';
import { placeUser } from './change-user.js';
import type { Tenant } from './tenant.js';
import type { Mfa, User, UserFields } from './user.js';
import { NO_MFA } from './user.js';

export const TITLES = [
  'Engineer',
  'Senior Engineer',
  'Nurse',
  'Accountant',
  'Head of Logistics',
  'Werkstudent',
  'Chargée de clientèle',
  'Vice President, Research and Development, Europe, Middle East and Africa',
  '研究員',
] as const;
export const DEPARTMENTS = ['Sales', 'Research', 'Finance', 'People', 'Vertrieb & Service', 'IT', '物流部'] as const;
const OFFICES = ['Berlin', 'Leeds', 'Ōsaka', 'São Paulo', 'Remote'] as const;
const PARTNERS = ['partner.example', 'supplier.example', 'agency.example'] as const;

const mfa = (capable: boolean, ...methods: string[]): Mfa => ({ methods, capable });
const REGISTERED = [
  mfa(true, 'microsoftAuthenticatorPush', 'softwareOneTimePasscode'),
  mfa(true, 'mobilePhone'),
  mfa(true, 'microsoftAuthenticatorPush', 'mobilePhone'),
  mfa(true, 'fido2SecurityKey', 'windowsHelloForBusiness'),
  mfa(true, 'passKeyDeviceBound', 'softwareOneTimePasscode', 'mobilePhone'),
  mfa(false, 'mobilePhone'),
] as const;

export const pickMfa = (random: Random): Mfa => random.pick(REGISTERED);

/** A person of fixed shape; what is not given is made up or never set. */
export const createUser = (given: Partial<UserFields> & Pick<User, 'id' | 'createdAt'>, upn: string): User => ({
  id: given.id,
  createdAt: given.createdAt,
  slot: 0,
  deletedAt: null,
  mfa: NO_MFA,
  mfaBefore: NO_MFA,
  mfaChangedAt: 0,
  memberOf: [],
  displayName: given.displayName ?? upn,
  givenName: given.givenName ?? null,
  surname: given.surname ?? null,
  mail: given.mail === undefined ? upn : given.mail,
  userPrincipalName: upn,
  jobTitle: given.jobTitle ?? null,
  department: given.department ?? null,
  officeLocation: given.officeLocation ?? null,
  mobilePhone: given.mobilePhone ?? null,
  businessPhone: given.businessPhone ?? null,
  preferredLanguage: given.preferredLanguage ?? null,
  accountEnabled: given.accountEnabled ?? true,
  userType: given.userType ?? 'Member',
  companyName: given.companyName ?? null,
  employeeId: given.employeeId ?? null,
  usageLocation: given.usageLocation ?? null,
  city: given.city ?? null,
  country: given.country ?? null,
});

/** A made-up person with a sign-in name that is free in the tenant. */
export const inventUser = (
  tenant: Tenant,
  { random, at, guest, taken }: { random: Random; at: number; guest: boolean; taken?: Map<string, number> },
): User => {
  const name = pickName(random);
  const partner = random.pick(PARTNERS);
  const toUpn = (mailbox: string) =>
    guest ? `${mailbox}_${partner}#EXT#@${tenant.domain}` : `${mailbox}@${tenant.domain}`;
  let count = taken?.get(name.mailbox) ?? 0;
  let mailbox = count === 0 ? name.mailbox : `${name.mailbox}${count + 1}`;
  while (tenant.users.byName.has(toUpn(mailbox).toLowerCase())) {
    count += 1;
    mailbox = `${name.mailbox}${count + 1}`;
  }
  taken?.set(name.mailbox, count + 1);
  const upn = toUpn(mailbox);
  let id = random.guid();
  while (tenant.users.byId.has(id)) id = random.guid();
  return createUser(
    {
      id,
      createdAt: at,
      displayName: name.display,
      givenName: name.given,
      surname: name.family,
      // One text for both, as a million of them count.
      mail: guest ? `${mailbox}@${partner}` : upn,
      jobTitle: random.chance(0.9) ? random.pick(TITLES) : null,
      department: random.chance(0.9) ? random.pick(DEPARTMENTS) : null,
      officeLocation: random.chance(0.7) ? random.pick(OFFICES) : null,
      mobilePhone: random.chance(0.3) ? `+49 151 ${1_000_000 + random.below(8_999_999)}` : null,
      preferredLanguage: name.language,
      userType: guest ? 'Guest' : 'Member',
      usageLocation: name.country,
      country: name.country,
    },
    upn,
  );
};

export type Population = {
  readonly people: number;
  readonly guests: number;
  readonly disabled: number;
  readonly mfaShare: number;
};

/** Exactly as many guests, disabled people and people with MFA as asked, spread by chance. */
export const seedPeople = (
  tenant: Tenant,
  { random, population, at }: { random: Random; population: Population; at: number },
): void => {
  const { people } = population;
  // Each share is drawn like cards without putting back, so that the totals are exact.
  const createDraw = (wanted: number) => {
    let left = Math.min(wanted, people);
    return (drawn: number) => {
      const hit = random.next() * (people - drawn) < left;
      if (hit) left -= 1;
      return hit;
    };
  };
  const [isGuest, isDisabled] = [createDraw(population.guests), createDraw(population.disabled)];
  const hasMfa = createDraw(Math.round(people * population.mfaShare));
  const taken = new Map<string, number>();
  for (let drawn = 0; drawn < people; drawn += 1) {
    const user = inventUser(tenant, { random, at, guest: isGuest(drawn), taken });
    user.accountEnabled = !isDisabled(drawn);
    if (hasMfa(drawn)) user.mfa = user.mfaBefore = pickMfa(random);
    placeUser(tenant, user);
  }
};
