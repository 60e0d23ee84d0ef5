/** What kind of group Graph's properties say it is (graph.md 7.1). Pure. */
import type { GroupTraits, GroupType } from './port.ts';

/** undefined: a distribution list or a mail-enabled security group, which Exchange owns. */
export function groupTypeOf({ groupTypes = [], ...traits }: GroupTraits): GroupType | undefined {
  if (groupTypes.includes('Unified')) return 'Microsoft365';
  return traits.securityEnabled === true && traits.mailEnabled !== true ? 'Security' : undefined;
}

/**
 * False where others decide who is a member: a rule, a sync server, Exchange. Membership of a role-assignable group
 * makes an administrator: that is nothing for a manifest of a help desk.
 */
export function hasWritableMembers(traits: GroupTraits): boolean {
  return (
    groupTypeOf(traits) !== undefined &&
    traits.groupTypes?.includes('DynamicMembership') !== true &&
    traits.onPremisesSyncEnabled !== true &&
    traits.isAssignableToRole !== true
  );
}

/** As Graph is asked for it. */
export function traitsOf(type: GroupType): GroupTraits {
  return type === 'Microsoft365'
    ? { groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false }
    : { mailEnabled: false, securityEnabled: true };
}
