/** When accounts were made and last used (graph.md 2.3, 2.4). */
import * as z from 'zod';
import type { AccountFacts } from './activity-port.ts';
import { type Part, parseValue } from './answers.ts';
import { type GraphConnection, pathOf } from './connection.ts';
import type { Cost } from './cost.ts';
import { Owned } from './deleted-users.ts';
import { WirePage } from './wire.ts';

const plain = ['id', 'createdDateTime', 'onPremisesExtensionAttributes'];

const time = z
  .string()
  .nullish()
  .transform((value) => (value ? Date.parse(value) : undefined));

const WireActivity = z.object({
  id: z.string(),
  createdDateTime: time,
  signInActivity: z
    .object({
      lastSignInDateTime: time,
      lastNonInteractiveSignInDateTime: time,
      lastSuccessfulSignInDateTime: time,
    })
    .nullish(),
});

/** Requests that read sign-ins have a quota of their own beside the units. */
const cost: Readonly<Record<'withSignIns' | 'without', Cost>> = {
  withSignIns: { service: 'signIns', units: 1, writes: 0 },
  without: { service: 'directory', units: 1, writes: 0 },
};

export function activity(connection: GraphConnection): Part<'listActivity' | 'getActivity'> {
  return {
    async listActivity({ withSignIns, link }, signal) {
      const top = withSignIns ? 500 : 999;
      const first = `/users?$select=${selectOf(withSignIns)}&$top=${top}`;
      const page = await connection.get(
        {
          path: link === undefined ? first : pathOf(link),
          operation: withSignIns ? 'ListSignInActivity' : 'ListAccounts',
          cost: cost[withSignIns ? 'withSignIns' : 'without'],
        },
        WirePage,
        signal,
      );
      return {
        accounts: page.value.map((raw) => factsOf(raw, 'ListAccounts')),
        nextLink: page['@odata.nextLink'],
      };
    },
    getActivity: (id, withSignIns, signal) =>
      connection
        .find(
          {
            path: `/users/${encodeURIComponent(id)}?$select=${selectOf(withSignIns)}`,
            operation: withSignIns ? 'GetSignInActivity' : 'GetAccount',
            cost: cost[withSignIns ? 'withSignIns' : 'without'],
          },
          z.unknown(),
          signal,
        )
        .then((raw) => (raw === undefined ? undefined : factsOf(raw, 'GetAccount'))),
  };
}

function selectOf(withSignIns: boolean): string {
  return [...plain, ...(withSignIns ? ['signInActivity'] : [])].join(',');
}

function factsOf(raw: unknown, operation: string): AccountFacts {
  const { id, createdDateTime, signInActivity } = parseValue(WireActivity, raw, operation);
  const times = Object.values(signInActivity ?? {}).filter((ms) => ms !== undefined);
  return {
    id,
    createdMs: createdDateTime,
    owner: parseValue(Owned, raw, operation),
    lastSignInMs: times.length === 0 ? undefined : Math.max(...times),
    lastSuccessMs: signInActivity?.lastSuccessfulSignInDateTime,
  };
}
