/** The simulator's control side: changes the directory and tells the truth about it. */
export type SimulatedTenant = {
  tenantId: string;
  groupId: string;
  nestedGroupIds: string[];
  clientId: string;
  clientSecret: string;
  secretExpiresAt: string;
  domain: string;
};
export type TrueUser = {
  id: string;
  userPrincipalName: string;
  displayName: string | null;
  givenName: string | null;
  surname: string | null;
  mail: string | null;
  jobTitle: string | null;
  department: string | null;
  accountEnabled: boolean;
  userType: 'Member' | 'Guest';
  deletedDateTime: string | null;
  inGroup: boolean;
  groupPath: string[];
  /** Null where the report has no row. */
  mfa: {
    isMfaCapable: boolean;
    isMfaRegistered: boolean;
    isPasswordlessCapable: boolean;
    methods: string[];
    preferredMethod: string | null;
  } | null;
};
export type SimulatorClient = {
  createTenant: (settings?: Record<string, unknown>) => Promise<SimulatedTenant>;
  /** Everyone who is or was in the directory. */
  truth: (tenantId: string) => Promise<TrueUser[]>;
  call: (method: string, path: string, body?: unknown) => Promise<any>;
};

export function createSimulatorClient(origin: string): SimulatorClient {
  const call: SimulatorClient['call'] = async (method, path, body) => {
    const answer = await fetch(`${origin}/_simulator${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /_simulator${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  return {
    call,
    createTenant: (settings = {}) => call('POST', '/tenants', settings),
    truth: async (tenantId) => {
      const users: TrueUser[] = [];
      for (;;) {
        const page = await call('GET', `/tenants/${tenantId}/truth?skip=${users.length}&top=999`);
        users.push(...page.users);
        if (page.users.length === 0 || users.length >= page.total) return users;
      }
    },
  };
}
