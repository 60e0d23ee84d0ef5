/** What the parts of the client share. */
import type { HttpResponse } from '../http.ts';
import type { PartnerCenter, Written } from './port.ts';

/** Some methods of the port. */
export type Part<K extends keyof PartnerCenter> = Pick<PartnerCenter, K>;

export function written(response: HttpResponse): Written {
  return { requestId: response.headers['ms-requestid'] };
}
