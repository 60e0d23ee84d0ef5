/** One domain controller in memory, as far as a trail of changes is read from it. */
import { AndFilter, type Entry, type Filter, GreaterThanEqualsFilter } from 'ldapts';
import type { Search, Session } from '../../operator/clients/active-directory/session.ts';
import { guidBytes } from '../../operator/clients/active-directory/wire.ts';

export const unit = 'OU=c1,OU=Customers,DC=corp,DC=example';
const unitGuid = guid(1);

interface Thing {
  readonly dn: string;
  readonly usn: number;
  readonly members?: readonly string[];
  readonly isDeleted?: boolean;
}

export function guid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** One controller: its objects by GUID, each write under the next number. */
export class Forest {
  readonly #host: string;
  readonly #things = new Map<string, Thing>();
  usn = 100;
  /** Without the right, who is deleted is not seen. */
  seesDeleted = true;
  operations: string[] = [];

  constructor(host: string) {
    this.#host = host;
  }

  put(objectGuid: string, change: Partial<Thing> = {}): string {
    this.usn += 1;
    const before = this.#things.get(objectGuid) ?? { dn: `CN=${objectGuid},${unit}` };
    this.#things.set(objectGuid, { ...before, ...change, usn: this.usn });
    if (change.isDeleted === true) this.#leaveGroups(objectGuid);
    return objectGuid;
  }

  /** As links go: the groups are not written. */
  #leaveGroups(gone: string): void {
    for (const [guid, { members, ...rest }] of this.#things) {
      if (members === undefined) continue;
      this.#things.set(guid, { ...rest, members: members.filter((one) => one !== gone) });
    }
  }

  session(): Session {
    return {
      customersOU: 'OU=Customers,DC=corp,DC=example',
      root: this.#root(),
      search: (search: Search) => Promise.resolve(this.#search(search)),
      read: (search: Search) => Promise.resolve(this.#search(search)[0]),
    } as unknown as Session;
  }

  #root() {
    return {
      defaultNamingContext: 'DC=corp,DC=example',
      dnsHostName: this.#host,
      dsServiceName: `CN=NTDS Settings,CN=${this.#host}`,
      highestCommittedUsn: BigInt(this.usn),
    };
  }

  #search({ operation, filter, base }: Search): readonly Entry[] {
    this.operations.push(operation);
    const from = leastUsn(filter);
    const things = [...this.#things].filter(([, { usn }]) => usn >= from);
    const select = (test: (thing: Thing, objectGuid: string) => boolean): readonly Entry[] =>
      things
        .filter(([objectGuid, thing]) => test(thing, objectGuid))
        .map(([objectGuid, thing]) => this.#entry(objectGuid, thing));
    const answers: Readonly<Record<string, () => readonly Entry[]>> = {
      ReadRoot: () => [
        {
          dn: '',
          configurationNamingContext: 'CN=Configuration',
          defaultNamingContext: 'DC=corp,DC=example',
          dnsHostName: this.#host,
          dsServiceName: 'CN=NTDS Settings',
          highestCommittedUSN: String(this.usn),
        },
      ],
      ReadInvocationId: () => [{ dn: 'CN=NTDS Settings', invocationId: guidBytes(guid(2)) }],
      ReadOrganizationalUnit: () => [{ dn: unit, objectGUID: guidBytes(unitGuid) }],
      ReadChanges: () => select((thing) => isBelow(thing) && thing.members === undefined),
      ReadChangedGroups: () => select((thing) => isBelow(thing) && thing.members !== undefined),
      ReadGroup: () =>
        select((thing, objectGuid) => thing.isDeleted !== true && base === `<GUID=${objectGuid}>`),
      ReadDeleted: () => select(({ isDeleted }) => this.seesDeleted && isDeleted === true),
      ReadMoved: () => select((thing) => thing.isDeleted !== true && thing.members === undefined),
      ReadPresent: () => select(isBelow),
    };
    return answers[operation]?.() ?? [];
  }

  #entry(objectGuid: string, { dn, usn, members }: Thing): Entry {
    const links = (guids: readonly string[]) =>
      guids.map((one) => `<GUID=${one}>;${this.#things.get(one)?.dn ?? ''}`);
    const isIn = ([, group]: readonly [string, Thing]) => group.members?.includes(objectGuid);
    const groups = [...this.#things].filter(isIn).map(([guid]) => guid);
    return {
      dn,
      objectGUID: guidBytes(objectGuid),
      uSNChanged: String(usn),
      userAccountControl: '512',
      sAMAccountName: objectGuid,
      userPrincipalName: `${objectGuid}@contoso.example`,
      cn: dn.replace(/^CN=([^,]+),.*/, '$1'),
      memberOf: links(groups),
      ...(members === undefined ? {} : { member: links(members), groupType: '8' }),
    };
  }
}

function leastUsn(filter: Filter | undefined): number {
  if (!(filter instanceof AndFilter)) return 0;
  const least = filter.filters.find((one) => one instanceof GreaterThanEqualsFilter);
  return least === undefined ? 0 : Number(least.value);
}

const isBelow = ({ dn, isDeleted }: Thing): boolean => isDeleted !== true && dn.endsWith(unit);
