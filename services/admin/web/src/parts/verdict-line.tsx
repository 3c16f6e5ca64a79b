import type { Verdict } from '../domain/verdict.js';

/** One word that is believed at a glance, and the sentence behind it. */
export const VerdictLine = ({ verdict: { word, tone, sentence } }: { verdict: Verdict }) => (
  <p class="verdict">
    <span class={`verdict-word ${tone}`}>{word}</span>
    <span>{sentence}</span>
  </p>
);
