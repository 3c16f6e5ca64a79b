export const explainAadsts = (aadsts: number): { sentence: string; cure: string } => ({
  sentence: `Microsoft refuses the sign-in (AADSTS${aadsts}).`,
  cure: 'Check the tenant id, the client id and the client secret.',
});
