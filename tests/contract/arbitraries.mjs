// SPDX-License-Identifier: MIT
// Values by the schemas of the contract, for fast-check: right ones, and ones that are wrong in one known place.
import fc from 'fast-check';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
// Numbers of more than 64 bits are no JSON to the service: they spoil a body as a whole.
const anything = fc
  .jsonValue({ maxDepth: 2 })
  .filter((value) => !/\d{18}|e\+/.test(JSON.stringify(value)));

/** Values that texts of that format have. */
const formats = {
  'date-time': fc
    .date({
      min: new Date('2020-01-01T00:00:00Z'),
      max: new Date('2040-01-01T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString()),
  uuid: fc.uuid({ version: 7 }),
  uri: fc.webUrl(),
};

function textOf({ format, pattern, minLength = 0, maxLength = 300 }) {
  if (formats[format]) {
    return formats[format];
  }
  return pattern
    ? fc.stringMatching(new RegExp(pattern))
    : fc.string({ unit: 'grapheme', minLength, maxLength });
}

function objectOf({ properties = {}, required = [], additionalProperties }) {
  const named = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, right(schema)])),
    { requiredKeys: required, noNullPrototype: true },
  );
  return typeof additionalProperties === 'object'
    ? fc
        .tuple(
          named,
          fc.dictionary(fc.stringMatching(/^[a-zA-Z.]{1,20}$/), right(additionalProperties), {
            maxKeys: 3,
            noNullPrototype: true,
          }),
        )
        .map(([known, others]) => ({ ...others, ...known }))
    : named;
}

/** A value that the schema allows. */
export function right(schema) {
  if (schema.const !== undefined) {
    return fc.constant(schema.const);
  }
  if (schema.enum) {
    return fc.constantFrom(...schema.enum);
  }
  const choices = schema.oneOf ?? (schema.type ? undefined : schema.anyOf);
  if (choices) {
    return fc.oneof(...choices.map(right));
  }
  const types = [schema.type].flat();
  return types.length > 1
    ? fc.oneof(...types.map((type) => rightOf({ ...schema, type })))
    : rightOf(schema);
}

function rightOf(schema) {
  switch (schema.type) {
    case 'string':
      return textOf(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1_000_000 });
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(right(schema.items), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, 4),
      });
    case 'object':
      return objectOf(schema);
    default:
      throw new Error(`no values for the type ${schema.type}`);
  }
}

const typeOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const typesOf = (schema) =>
  (schema.oneOf ?? schema.anyOf ?? []).flatMap(typesOf).concat(schema.type ?? []);

/** A value that is none of the schema's, for sure: of another type, or beyond what is allowed. */
function wrong(schema) {
  const choices = schema.oneOf ?? schema.anyOf ?? [schema];
  const types = new Set(
    choices.flatMap(typesOf).map((type) => (type === 'integer' ? 'number' : type)),
  );
  // null and empty texts mean that nothing is said.
  const ofOtherType = fc
    .oneof(
      fc.boolean(),
      fc.integer({ min: 1 }),
      fc.array(anything),
      fc.dictionary(fc.string(), anything),
    )
    .filter((value) => !types.has(typeOf(value)));
  const beyond = [];
  if (schema.enum || schema.const !== undefined) {
    beyond.push(
      text.filter(
        (value) => value !== '' && ![schema.const, ...(schema.enum ?? [])].includes(value),
      ),
    );
  }
  if (schema.maximum !== undefined && types.has('number')) {
    beyond.push(
      fc.integer({ min: schema.maximum + 1 }),
      fc.constant(-1),
      fc.constant(schema.maximum + 0.5),
    );
  }
  if (schema.pattern && !schema.format) {
    beyond.push(text.filter((value) => value !== '' && !new RegExp(schema.pattern).test(value)));
  }
  if (schema.maxLength !== undefined) {
    beyond.push(fc.constant('x'.repeat(schema.maxLength + 1)));
  }
  return fc.oneof(ofOtherType, ...beyond);
}

/** Where a value of an object's schema can be wrong: [{path, schema, isRequired}], with what is in inner objects. */
function places(schema, path = []) {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const here = {
      path: [...path, name],
      schema: member,
      isRequired: (schema.required ?? []).includes(name),
    };
    return [here, ...(member.type === 'object' ? places(member, here.path) : [])];
  });
}

function changed(value, [name, ...rest], change) {
  const copy = { ...value };
  if (rest.length > 0) {
    copy[name] = changed(copy[name] ?? {}, rest, change);
  } else if (change === undefined) {
    delete copy[name];
  } else {
    copy[name] = change;
  }
  return copy;
}

/** The schema with all that is optional left out, down to what is needed for `path`. */
function needed(schema, path) {
  const keep = Object.entries(schema.properties ?? {}).filter(
    ([name]) => (schema.required ?? []).includes(name) || name === path[0],
  );
  return {
    ...schema,
    additionalProperties: undefined,
    required: keep.map(([name]) => name),
    properties: Object.fromEntries(
      keep.map(([name, member]) => [
        name,
        name === path[0] && member.type === 'object' ? needed(member, path.slice(1)) : member,
      ]),
    ),
  };
}

/** {value, field}: a value of an object's schema with one mistake, and the field that a refusal has to name. */
export function broken(schema) {
  if (schema.oneOf) {
    return fc.oneof(...schema.oneOf.map(broken));
  }
  const all = places(schema);
  const mistakes = all.map((place) => {
    const value = place.isRequired
      ? fc.oneof({ weight: 4, arbitrary: wrong(place.schema) }, fc.constant(undefined))
      : wrong(place.schema);
    return fc.tuple(right(needed(schema, place.path)), value).map(([sound, change]) => ({
      value: changed(sound, place.path, change),
      field: place.path.join('.'),
    }));
  });
  if (schema.additionalProperties === false) {
    mistakes.push(
      fc
        .tuple(
          right(schema),
          fc.stringMatching(/^[a-zA-Z]{1,12}$/).filter((name) => !(name in schema.properties)),
          anything,
        )
        .map(([sound, name, value]) => ({ value: { ...sound, [name]: value }, field: name })),
    );
  }
  if (typeof schema.additionalProperties === 'object') {
    mistakes.push(
      fc
        .tuple(fc.stringMatching(/^[a-zA-Z]{1,12}$/), wrong(schema.additionalProperties))
        .map(([name, value]) => ({ value: { [name]: value }, field: name })),
    );
  }
  mistakes.push(
    anything
      .filter((value) => typeOf(value) !== 'object')
      .map((value) => ({ value, field: 'body' })),
  );
  return fc.oneof(...mistakes);
}

/** {value, field}: a parameter's value that is wrong; nothing where every text is right. */
export function brokenParameter({ name, schema }) {
  const items = schema.items ?? schema;
  const beyond =
    items.type === 'integer'
      ? fc.oneof(
          fc.constantFrom('0', '-1', '1.5', 'x', '99999999999999999999', ''),
          fc.integer({ min: items.maximum + 1 }).map(String),
        )
      : items.enum
        ? text.filter(
            (each) => each !== '' && !each.split(',').every((one) => items.enum.includes(one)),
          )
        : items.pattern
          ? text.filter((each) => each !== '' && !new RegExp(items.pattern).test(each))
          : items.format
            ? text.filter((each) => each !== '')
            : items.maxLength && fc.constantFrom('x'.repeat(items.maxLength + 1), ' ', 'a\u0001b');
  return beyond && beyond.map((value) => ({ value, field: name }));
}

export { text };
