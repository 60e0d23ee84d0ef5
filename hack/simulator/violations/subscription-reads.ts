/** What a client has been shown of a subscription: the ground of its next change. */
import { clientOf, isSuccess, member, type Sight } from './rule.ts';

const ONE = /^\/v1\/customers\/[^/]+\/subscriptions\/([^/]+)$/;
const LIST = /^\/v1\/customers\/[^/]+\/subscriptions$/;

export interface Shown {
  /** Client and subscription. */
  readonly key: string;
  readonly resource: unknown;
}

/** The subscriptions in this answer. */
export function shownIn(sight: Sight): readonly Shown[] {
  const client = clientOf(sight);
  const { method, path } = sight.request;
  if (sight.service !== 'partnerCenter' || client === undefined || !isSuccess(sight)) return [];
  const { body } = sight.answer;
  if (ONE.test(path) && body !== undefined) return [{ key: keyOf(client, path), resource: body }];
  if (method !== 'GET' || !LIST.test(path)) return [];
  const items = member(body, 'items');
  return (Array.isArray(items) ? (items as unknown[]) : []).map((resource) => ({
    key: keyOf(client, String(member(resource, 'id'))),
    resource,
  }));
}

/** Client and subscription of a PATCH; undefined for any other request. */
export function patchedIn(sight: Sight): string | undefined {
  const client = clientOf(sight);
  const { method, path } = sight.request;
  const isPatch = sight.service === 'partnerCenter' && method === 'PATCH' && ONE.test(path);
  return isPatch && client !== undefined ? keyOf(client, path) : undefined;
}

function keyOf(client: string, pathOrId: string): string {
  return `${client} ${pathOrId.slice(pathOrId.lastIndexOf('/') + 1).toLowerCase()}`;
}
