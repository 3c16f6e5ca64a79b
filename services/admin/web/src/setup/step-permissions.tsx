import { Card, Message } from '../parts/basics.js';
import { CopyValue } from '../parts/actions.js';
import { EntraLinks, GuideLines } from './fields.js';
import type { GuidePermission, StepProps } from './setup-types.js';

/** Step 3: which features, on whose behalf, and the permissions that this needs. */
export function StepPermissions(props: StepProps) {
  const { guide, values } = props;
  const features = [...new Set(guide.permissions.map(({ feature }) => feature))];
  return (
    <>
      <div class="columns">
        <Features {...props} />
        <Consent {...props} />
      </div>
      <div class="columns">
        <Card title="In Entra">
          <GuideLines guide={guide} step={3} copies={false} />
          <EntraLinks guide={guide} kinds={['open-permissions']} />
        </Card>
        <Card title="Permissions to add">
          <div class="stack">
            <p class="soft">{guide.trade[values.consent].clickPath.join(' › ')}</p>
            {features.map((feature) => (
              <PermissionGroup key={feature} permissions={guide.permissions.filter((one) => one.feature === feature)} />
            ))}
          </div>
        </Card>
      </div>
    </>
  );
}

const PermissionGroup = ({ permissions }: { permissions: readonly GuidePermission[] }) => (
  <section class="stack-s">
    <h3>{permissions[0]?.title}</h3>
    <ul class="stack-s">
      {permissions.map(({ permission, needed, why }) => (
        <li key={permission} class="stack-s">
          <CopyValue value={permission} label={permission} />
          <p class="small soft">
            {why}
            {!needed && ' Optional.'}
          </p>
        </li>
      ))}
    </ul>
  </section>
);

function Features({ values, change }: StepProps) {
  const isNothing = !values.userSync && !values.mfaVerification;
  return (
    <Card title="Features">
      <fieldset class="stack-s">
        <legend class="visually-hidden">Features</legend>
        <label class="choice">
          <input
            type="checkbox"
            checked={values.userSync}
            onChange={(event) => change({ userSync: event.currentTarget.checked })}
          />
          <span>
            <span class="choice-title">User Sync</span>
            <span class="help">Who works there, and who may sign in.</span>
          </span>
        </label>
        <label class="choice">
          <input
            type="checkbox"
            checked={values.mfaVerification}
            onChange={(event) => change({ mfaVerification: event.currentTarget.checked })}
          />
          <span>
            <span class="choice-title">MFA Verification</span>
            <span class="help">Who has registered MFA. Needs Entra ID P1 or P2.</span>
          </span>
        </label>
        {isNothing && <Message level="remark">Choose at least one; each works alone.</Message>}
      </fieldset>
    </Card>
  );
}

function Consent({ values, change, guide }: StepProps) {
  return (
    <Card title="Permissions of which kind">
      <fieldset class="stack-s">
        <legend class="visually-hidden">Kind of permissions</legend>
        {(['delegated', 'application'] as const).map((kind) => {
          const { title, good, bad } = guide.trade[kind];
          return (
            <label key={kind} class="choice">
              <input
                type="radio"
                name="consent"
                checked={values.consent === kind}
                onChange={() => change({ consent: kind })}
              />
              <span>
                <span class="choice-title">{title}</span>
                <span class="help">{good}</span>
                <span class="help">But: {bad}</span>
              </span>
            </label>
          );
        })}
      </fieldset>
    </Card>
  );
}
