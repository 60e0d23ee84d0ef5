/** What fields of a person in Active Directory are called: in drift, and in what is told of a change. */
import type { AdAccountPatch } from '../../clients/active-directory/port.ts';

export const prefix = 'activeDirectory.';
export const placePath = `${prefix}organizationalUnit`;
export const anchorPath = `${prefix}anchor`;

/** What a patch changes, in words. */
export function fieldsOf({ attributes = {}, ...patch }: AdAccountPatch): readonly string[] {
  const fields = Object.keys(patch).map((name) => (name === 'managerGuid' ? 'manager' : name));
  return [...fields, ...Object.keys(attributes)];
}
