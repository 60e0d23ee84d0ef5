import { member, type Rule } from './rule.ts';

const ITEMS_MAX = 20;

export const largeBatch: Rule<null> = {
  name: 'large-batch',
  says: 'A batch has at most 20 requests (graph.md 4).',
  begin: () => null,
  look(_, { kind, service, request }) {
    if (kind !== 'request' || service !== 'graph' || request.path !== '/v1.0/$batch')
      return undefined;
    const items = member(request.body, 'requests');
    const count = Array.isArray(items) ? items.length : 0;
    return count > ITEMS_MAX ? `${count} requests in one batch` : undefined;
  },
};
