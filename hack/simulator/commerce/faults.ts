/** The two error shapes of Partner Center (partner-center.md 1.9) and the throttle body. */
import { notModelledHeader } from '../not-modelled.ts';
import type { ApiResponse } from '../world.ts';

/** A refusal; the service turns it into an answer. `code` is the number of partner-center.md 1.10. */
export class CommerceFault extends Error {
  readonly status: number;
  readonly code: number;
  /** `newer` services name the error; the others answer in the classic shape. */
  readonly errorName: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: number,
    description: string,
    more: { readonly errorName?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(description);
    this.name = 'CommerceFault';
    this.status = status;
    this.code = code;
    this.errorName = more.errorName;
    this.headers = more.headers ?? {};
  }
}

const DESCRIPTION_LENGTH_MAX = 1024;

export function faultResponse(fault: CommerceFault): ApiResponse {
  const text = fault.message.slice(0, DESCRIPTION_LENGTH_MAX);
  const body =
    fault.errorName === undefined
      ? { code: fault.code, description: text, data: [], source: 'PartnerFD' }
      : {
          code: fault.code,
          message: text,
          description: text,
          errorName: fault.errorName,
          isRetryable: false,
          parameters: {},
          errorMessageExtended: `InternalErrorCode=${fault.code}`,
        };
  return { status: fault.status, headers: fault.headers, body };
}

export function throttleResponse(retryAfterSeconds: number): ApiResponse {
  return {
    status: 429,
    headers: { 'Retry-After': String(retryAfterSeconds) },
    body: {
      statusCode: 429,
      message: `Rate limit is exceeded. Try again in ${retryAfterSeconds} seconds.`,
    },
  };
}

/** 400/2000: the input is wrong. */
export function invalidInput(description: string): CommerceFault {
  return new CommerceFault(400, 2000, description);
}

/** 400/3000: a member that the contract does not know. */
export function invalidProperty(description: string): CommerceFault {
  return new CommerceFault(400, 3000, description);
}

/** 501: Microsoft has it and this simulator has not. */
export function notModelled(what: string): CommerceFault {
  return new CommerceFault(501, 501, `The simulator does not have ${what}.`, {
    headers: notModelledHeader(what),
  });
}
