import { Card } from '../parts/basics.js';
import { EntraLinks, GuideLines, TextField } from './fields.js';
import type { StepProps } from './setup-types.js';

/** Step 1: the app registration, and the two ids that it gives. */
export function StepApp(props: StepProps) {
  const { guide, integration } = props;
  return (
    <div class="columns">
      <Card title="In Entra">
        <GuideLines guide={guide} step={1} />
        <EntraLinks guide={guide} kinds={['open-app']} />
      </Card>
      <Card title="Here">
        <div class="stack">
          <TextField
            {...props}
            field="name"
            label="Name"
            help="How this directory is called in Muster; your company’s name, for example."
            input={{ maxLength: 120 }}
          />
          <TextField
            {...props}
            field="clientId"
            label="Application (client) ID"
            help="From the Overview of the app registration."
            input={{ class: 'id', placeholder: '00000000-0000-0000-0000-000000000000' }}
          />
          <TextField
            {...props}
            field="tenantId"
            label="Directory (tenant) ID"
            help={integration ? 'Fixed: another tenant is another integration.' : 'From the same page.'}
            input={{
              class: 'id',
              placeholder: '00000000-0000-0000-0000-000000000000',
              ...(integration ? { readOnly: true } : {}),
            }}
          />
        </div>
      </Card>
    </div>
  );
}
