/** Bodies by the contract: closed, spelled in any case, repeated id harmless (graph.md 0.1, 17.13, 17.14). */
import { type Operation } from '../contract.ts';
import { type BodyError, bodyError, declaredProperties, type Schema } from '../contract-schemas.ts';
import { badRequest, GraphError } from './errors.ts';

/** @throws GraphError 400 as the directory says it. */
export function checkedBody(operation: Operation, body: unknown): Record<string, unknown> {
  if (!operation.bodySchema) return {};
  if (body === undefined) {
    if (!operation.bodyRequired) return {};
    throw badRequest('Request payload cannot be null or empty.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new GraphError(
      400,
      'BadRequest',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    );
  }
  const spelled = respell(operation.bodySchema, body) as Record<string, unknown>;
  const error = bodyError(operation.bodySchema, spelled);
  if (error) throw bodyRefusal(operation, error);
  return spelled;
}

function bodyRefusal(operation: Operation, error: BodyError): GraphError {
  if (error.missing !== undefined) {
    return badRequest(
      `A value is required for property '${error.missing}' of resource '${resourceName(operation)}'.`,
    );
  }
  const target = error.path.split('/')[1] ?? '';
  const message = 'One or more properties contains invalid values.';
  return new GraphError(400, 'Request_BadRequest', message, {
    details: [{ code: 'InvalidValue', message: `${error.path} ${error.message}`, target }],
  });
}

function resourceName(operation: Operation): string {
  const set = operation.template.split('/')[1] ?? '';
  return set.charAt(0).toUpperCase() + set.slice(1).replace(/s$/, '');
}

function respell(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = schema['items'];
    return items ? value.map((item) => respell(items as Schema, item)) : value;
  }
  if (value === null || typeof value !== 'object') return value;
  const properties = declaredProperties(schema);
  const spelling = new Map(Object.keys(properties).map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(value).map(([name, content]) => {
      const known = spelling.get(name.toLowerCase());
      const inner = known === undefined ? undefined : properties[known];
      return [known ?? name, inner ? respell(inner, content) : content];
    }),
  );
}
