import { z } from 'zod';

/** A shape with a name, or null: of `.nullable()` the OpenAPI document would keep the shape alone. */
export const orNull = <T extends z.ZodType>(shape: T): z.ZodUnion<[T, z.ZodNull]> => z.union([shape, z.null()]);
