import type { IntegrationStatus } from '../domain/api-types.js';
import { formatCount } from '../domain/format.js';

const PARTS = [
  { key: 'capable', fill: 'good', text: 'MFA capable' },
  { key: 'registered', fill: 'warn', text: 'registered, not allowed' },
  { key: 'notRegistered', fill: 'bad', text: 'not registered' },
  { key: 'unknown', fill: 'none', text: 'unknown' },
] as const;

/** The legend holds the figures; the bar is for the eye only. */
export const MfaBar = ({ mfa }: Pick<IntegrationStatus, 'mfa'>) => (
  <div>
    <div class="bar" aria-hidden="true">
      {PARTS.filter(({ key }) => mfa[key] > 0).map(({ key, fill }) => (
        <span key={key} class={`fill-${fill}`} style={{ flexGrow: mfa[key] }} />
      ))}
    </div>
    <ul class="legend" aria-label="MFA">
      {PARTS.map(({ key, fill, text }) => (
        <li key={key}>
          <i class={`dot fill-${fill}`} />
          <b>{formatCount(mfa[key])}</b> {text}
        </li>
      ))}
    </ul>
  </div>
);
