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

/** Not a failure: a step that could not be finished because everything is being stopped. */
export class StoppedError extends Error {
  constructor() {
    super('everything is being stopped');
    this.name = 'StoppedError';
  }
}
