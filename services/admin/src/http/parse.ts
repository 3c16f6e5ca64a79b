import { z } from 'zod';
import { toProblemWords } from '@muster/contracts';
import { Problem, type FieldProblem } from './problem.js';

/** Parses what came from outside, or throws a Problem that names every field, what is wrong with it and the cure. */
export function parse<T extends z.ZodType>(schema: T, input: unknown, where: string): z.infer<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => toFieldProblems(issue));
  const fields = problems.map(({ field }) => field || where).join(', ');
  throw new Problem(400, `The ${where} is not usable: ${fields}.`, { problems });
}

const SEE = 'See its form in /api/v1/openapi.json.';

function toFieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  const field = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      field: [...issue.path, key].join('.'),
      problem: 'is not a field that is known here',
      cure: 'Leave it out, or correct its spelling; /api/v1/openapi.json lists the fields.',
    }));
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return [{ field, problem: 'is missing', cure: `Give it as ${issue.expected}.` }];
  const cure: unknown = issue.code === 'custom' ? issue.params?.cure : undefined;
  return [{ field, problem: toProblemWords(issue), cure: typeof cure === 'string' ? cure : SEE }];
}

/** Yes or no in a query. */
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
