import type { Lag } from '../domain/api-types.js';
import { formatCount, formatMs } from '../domain/format.js';
import { LAG_STEPS } from '../domain/words.js';

export const LagTable = ({ lag }: { lag: readonly Lag[] }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">Step</th>
        {['p50', 'p95', 'p99', 'Count'].map((name) => (
          <th key={name} scope="col" class="number">
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {lag.map(({ step, count, p50, p95, p99 }) => (
        <tr key={step} class={step === 'total' ? 'strong' : ''}>
          <th scope="row">{LAG_STEPS[step]}</th>
          <td class="number">{formatMs(p50)}</td>
          <td class="number">{formatMs(p95)}</td>
          <td class="number">{formatMs(p99)}</td>
          <td class="number soft">{formatCount(count)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
