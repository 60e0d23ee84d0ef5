/** The part of the port that tells how tenants stand beside each other in one forest (active-directory.md A5, B10). */
import type { AdGroup } from './groups-port.ts';

/** What shows a tenant's OU to the people of others. Empty: nothing. */
export type Opening =
  /** dSHeuristics of the forest: rights to list single objects are not looked at. */
  | 'ListObjectModeOff'
  /** Everybody is in "Pre-Windows 2000 Compatible Access", which reads all. */
  | 'CompatibleAccess'
  /** The customers OU lists what is below it to everybody, or hands down a right to see each OU. */
  | 'CustomersOU'
  /** The tenant's own OU is open to everybody, or lacks the right of its group. */
  | 'OrganizationalUnit';

export interface Isolation {
  /** Whose members see the tenant's OU; undefined: not made yet. */
  readonly group: AdGroup | undefined;
  /** Sorted. */
  readonly openings: readonly Opening[];
}

export interface OrganizationalUnit {
  readonly objectGuid: string;
  /** In the server's own spelling. */
  readonly distinguishedName: string;
}

export interface TenantLayout {
  /** By what no rename and no move changes, or by its name. Undefined where it is not below the customers OU (any more). */
  readOrganizationalUnit(
    key: Pick<OrganizationalUnit, 'objectGuid'> | Pick<OrganizationalUnit, 'distinguishedName'>,
    signal: AbortSignal,
  ): Promise<OrganizationalUnit | undefined>;
  /** Those of the forest, in lower case. */
  listUpnSuffixes(signal: AbortSignal): Promise<readonly string[]>;

  readIsolation(
    organizationalUnit: string,
    groupName: string,
    signal: AbortSignal,
  ): Promise<Isolation>;
  /**
   * Makes the group, and opens the OU to its members and to nobody by being anybody. What others may do there stays.
   * Safe to repeat. The forest's settings and the customers OU are the provider's own: they are only read.
   */
  ensureIsolation(
    organizationalUnit: string,
    groupName: string,
    signal: AbortSignal,
  ): Promise<AdGroup>;
}
