import { toWord } from '../domain/words.js';
import { Pill } from '../parts/basics.js';
import { Table } from '../parts/table.js';
import type { Right } from './setup-types.js';

const WHY: Record<string, string> = {
  consent: 'no consent was given',
  'directory-role': 'the signed-in account lacks a directory role',
  licence: 'the tenant has no licence for it',
};
const FEATURES: Record<string, string> = {
  userSync: 'User Sync',
  mfaVerification: 'MFA Verification',
  groupNotifications: 'Group changes at once',
};

/** Right by right: proved or missing, and what each missing one costs. */
export const RightsTable = ({ rights }: { rights: readonly Right[] }) => (
  <Table columns={['Permission', 'For', 'State', 'What it costs to go without']}>
    {rights.map(({ permission, feature, state, needed = true, why, costs, cure }) => (
      <tr key={`${feature}/${permission}`}>
        <th scope="row">
          <code>{permission}</code>
        </th>
        <td>{FEATURES[feature] ?? feature}</td>
        <td>
          <Pill word={state === 'missing' && !needed ? { text: 'missing, optional', tone: 'calm' } : toWord(state)} />
        </td>
        <td class={`soft wrap ${state === 'proved' && why == null ? 'none' : ''}`}>
          {state === 'proved' ? '–' : costs}
          {why != null && ` Why: ${WHY[why] ?? why}.`} {cure}
        </td>
      </tr>
    ))}
  </Table>
);
