import type { Operation } from '../contract.ts';
import type { Directory } from '../directory/directory.ts';
import type { ApiRequest, ApiResponse, Caller, World } from '../world.ts';

/** One permitted, well-formed request, as the functions that answer it see it. */
export interface Call {
  readonly world: World;
  /** The caller's tenant: the only one that a call can touch. */
  readonly directory: Directory;
  readonly caller: Caller;
  readonly request: ApiRequest;
  readonly operation: Operation;
  /** Path parameters by their name in the contract, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Property names as the contract spells them. Empty where there is no body. */
  readonly body: Readonly<Record<string, unknown>>;
  /** `https://host/v1.0`, for links. */
  readonly baseUrl: string;
  /** The last write that a read by key sees. */
  readonly keySeq: number;
  /** The last write that lists, filters and delta see. */
  readonly listSeq: number;
}

type Handler = (call: Call) => ApiResponse;
/** By `METHOD template`. */
export type Handlers = Readonly<Record<string, Handler>>;

/** @throws Error where the template has no such parameter: a mistake in this program. */
export function parameter(call: Call, name: string): string {
  const value = call.parameters[name];
  if (value === undefined) throw new Error(`${call.operation.template} has no parameter ${name}`);
  return value;
}

export const NO_CONTENT: ApiResponse = { status: 204 };

export function isEventual(call: Call): boolean {
  return call.request.headers['consistencylevel']?.toLowerCase() === 'eventual';
}

/** The context names Microsoft's host also when the service is reached under another one. */
export function contextUrl(fragment: string): string {
  return `https://graph.microsoft.com/v1.0/$metadata#${fragment}`;
}
