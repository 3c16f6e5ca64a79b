/** Told in one line: what is wrong, then the cure. */
export class CliError extends Error {
  constructor(
    readonly problem: string,
    readonly cure: string,
    options: { cause?: unknown } = {},
  ) {
    super(`${problem} ${cure}`, options);
    this.name = 'CliError';
  }
}
