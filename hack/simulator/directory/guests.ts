/** What an invited guest does (graph.md 2.8). */
import type { World } from '../world.ts';
import { recordAudit } from './audit.ts';
import type { Directory } from './directory.ts';
import { saveUser } from './records.ts';

/** @returns false where nobody of this id was invited */
export function acceptInvitation(world: World, directory: Directory, userId: string): boolean {
  const user = directory.users.live(userId.toLowerCase());
  if (user?.properties['creationType'] !== 'Invitation') return false;
  const externalUserStateChangeDateTime = new Date(world.clock.nowMs()).toISOString();
  const state = { externalUserState: 'Accepted', externalUserStateChangeDateTime };
  saveUser(directory, { ...user, properties: { ...user.properties, ...state } });
  recordAudit(
    { world, directory, caller: { service: 'Microsoft Invitation Acceptance Portal' } },
    {
      activity: 'Redeem external user invite',
      category: 'UserManagement',
      targets: [{ id: user.id, type: 'User', userPrincipalName: user.userPrincipalName }],
    },
  );
  return true;
}
