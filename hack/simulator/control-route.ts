/** Calls of the control port. */
import type { ApiRequest, ApiResponse } from './world.ts';

/** @param rest of the path, decoded. What it throws is answered with 400 and the reason. */
export type Route = (request: ApiRequest, rest: string) => ApiResponse | Promise<ApiResponse>;

/** By `METHOD first-segment`. */
export type Routes = Readonly<Record<string, Route>>;

export function ok(body: unknown): ApiResponse {
  return { status: 200, body };
}

export function problem(status: number, message: string): ApiResponse {
  return { status, body: { error: message } };
}
