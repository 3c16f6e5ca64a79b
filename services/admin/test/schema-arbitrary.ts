import fc from 'fast-check';

/** As much of JSON Schema 2020-12 as our OpenAPI document has. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};
/** By name of a field: what it is made of in place of what the schema says, for which a schema has no words. */
export type Meant = Readonly<Record<string, (schema: Schema) => fc.Arbitrary<unknown>>>;
type Tools = { shapes: Readonly<Record<string, Schema>>; meant: Meant };

const text = ({ pattern, format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<unknown> => {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (format === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('2099-01-01') })
      .map((one) => one.toISOString());
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) });
};

const number = ({ minimum, exclusiveMinimum, maximum }: Schema): fc.Arbitrary<unknown> => {
  const min = Math.ceil(Math.max(minimum ?? -1_000, (exclusiveMinimum ?? -1_000) + 1));
  return fc.integer({ min, max: Math.floor(Math.min(Math.max(maximum ?? 1_000, min), min + 1_000)) });
};

const object = (schema: Schema, tools: Tools): fc.Arbitrary<unknown> => {
  const { properties = {}, required = [] } = schema;
  const fields = Object.entries(properties).map(
    ([name, one]) =>
      [name, Object.hasOwn(tools.meant, name) ? tools.meant[name]!(one) : fromSchema(one, tools)] as const,
  );
  return fc.record(Object.fromEntries(fields), { requiredKeys: required.filter((name) => name in properties) });
};

const ofType = (type: string | undefined, schema: Schema, tools: Tools): fc.Arbitrary<unknown> => {
  const { items = {}, minItems = 0, maxItems = 3 } = schema;
  switch (type) {
    case 'string':
      return text(schema);
    case 'integer':
    case 'number':
      return number(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(fromSchema(items, tools), {
        minLength: minItems,
        maxLength: Math.max(minItems, Math.min(maxItems, 3)),
      });
    case 'object':
      return object(schema, tools);
    default:
      return schema.properties ? object(schema, tools) : fc.jsonValue({ maxDepth: 2 });
  }
};

/** What fits the schema; rules that only the code knows may refuse it all the same. */
export function fromSchema(schema: Schema, tools: Tools): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return fromSchema(tools.shapes[schema.$ref.split('/').at(-1) ?? ''] ?? {}, tools);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((one) => fromSchema(one, tools)));
  if (schema.allOf)
    return fc
      .tuple(...schema.allOf.map((one) => fromSchema(one, tools)))
      .map((parts) => Object.assign({}, ...parts) as unknown);
  const types = [schema.type].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, tools)));
}

/** One value somewhere within is another, or gone. */
export function spoil(value: unknown, other: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return other;
  const fields = value as Readonly<Record<string, unknown>>;
  const within = fc
    .constantFrom(...Object.keys(fields))
    .chain((name) =>
      fc.oneof(
        { weight: 4, arbitrary: spoil(fields[name], other).map((held) => ({ ...fields, [name]: held })) },
        fc.constant(Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name))),
      ),
    );
  return Array.isArray(value) ? within.map((entries) => Object.values(entries)) : within;
}
