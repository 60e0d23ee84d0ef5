/** What answers tell. */
import * as z from 'zod';
import { expectForm, type HttpResponse, parseJson } from '../http.ts';
import type { GraphFailure } from './errors.ts';
import type * as port from './port.ts';

/** A part of the port: one file each. */
export type Part<K extends keyof port.Graph> = Pick<port.Graph, K>;

export function isAbsent(failure: GraphFailure): boolean {
  return failure.status === 404;
}

/** Made once: zod compiles each schema that it is given. */
const Created = z.object({ id: z.string() });

export function created(response: HttpResponse, operation: string): { readonly id: string } {
  return parseValue(Created, parseJson(response.text), operation);
}

export function written(response: HttpResponse): port.Written {
  return { requestId: response.headers['request-id'] };
}

export function parseValue<T extends z.ZodType>(
  schema: T,
  value: unknown,
  operation: string,
): z.output<T> {
  return expectForm(schema, value, `Graph's answer to ${operation}`);
}
