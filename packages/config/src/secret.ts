import { inspect } from 'node:util';

/** A value that prints, serialises and inspects as `[secret]`, or as what is given for it; `reveal()` is the only way to it. */
export class Secret<T> {
  readonly #value: T;
  readonly #shown: string;

  constructor(value: T, shown = '[secret]') {
    this.#value = value;
    this.#shown = shown;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return this.#shown;
  }

  toJSON(): string {
    return this.#shown;
  }

  [inspect.custom](): string {
    return this.#shown;
  }
}
