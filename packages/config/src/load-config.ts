import { z } from 'zod';

/** Every bad variable at once, each with its name, the problem and so the cure. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Parses the environment once, in main.ts. An empty variable counts as absent. */
export function loadConfig<T extends z.ZodObject>(schema: T, env: Record<string, string | undefined>): z.infer<T> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = issue.path.join('.') || '(environment)';
      const missing = issue.path.length > 0 && !(name in present);
      const about = missing ? describeField(schema, name) : '';
      return missing ? `${name} is not set. ${about}`.trim() : `${name} ${issue.message}`;
    }),
  );
}

const describeField = (schema: z.ZodObject, name: string): string => {
  const field = schema.shape[name] as z.ZodType | undefined;
  return field?.description ?? '';
};

export type FieldDescription = { name: string; description: string; required: boolean; fallback: string | undefined };

/** What `.env.example` says of a schema. */
export function describeConfig(schema: z.ZodObject): FieldDescription[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const type = field as z.ZodType;
    const absent = type.safeParse(undefined);
    return {
      name,
      description: type.description ?? '',
      required: !absent.success,
      fallback: defaultOf(type),
    };
  });
}

function defaultOf(type: z.ZodType): string | undefined {
  if (type instanceof z.ZodDefault) return String(type.def.defaultValue);
  if (type instanceof z.ZodPipe) return defaultOf(type.def.in as z.ZodType);
  return undefined;
}

/** For the start-up line: what was configured, with every secret masked by its own type. */
export const maskedConfig = (config: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(config)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
