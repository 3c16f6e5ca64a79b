/** A failure a person can do something about: what happened, and the cure. */
export class StackError extends Error {
  constructor(
    message: string,
    readonly cure?: string,
  ) {
    super(message);
    this.name = 'StackError';
  }
}
