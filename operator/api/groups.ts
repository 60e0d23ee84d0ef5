/** Groups of an M365Tenant. */
import * as z from 'zod';
import { asSet, keyedBy, rules, text } from './define.ts';

const members = z
  .array(z.string().min(3).max(113))
  .max(500)
  .optional()
  .meta({
    ...asSet,
    description:
      'Sign-in names of people who are to be members, beside those whose M365User names the group.',
  });

const exclusive = z
  .boolean()
  .optional()
  .describe(
    'true: whoever is a member and is named neither here nor by an M365User is taken out, groups as well. Unset: others are left alone.',
  );

function memberGroups(item: z.ZodString, where: string) {
  return z
    .array(item)
    .max(100)
    .optional()
    .meta({
      ...asSet,
      description: `Groups that are to be members of this one, with all who are in them: groups of this list, or others of ${where}.`,
    });
}

const exclusiveNeedsMembers = {
  rule: '!has(self.exclusive) || !self.exclusive || has(self.members)',
  message: 'exclusive needs members: an empty list takes out everybody whom no M365User names',
};

const inItself = 'memberGroups: a group cannot be a member of itself';

const Group = z
  .object({
    name: text('Display name. Exactly one group of the tenant may have it.', 256),
    type: z
      .enum(['Security', 'Microsoft365'])
      .default('Security')
      .describe('Kind of the group when it is made; Entra cannot change it afterwards.'),
    description: text('What the group is for; set when it is made.', 1024).optional(),
    members,
    memberGroups: memberGroups(
      text('Display name of a group, or its object id.', 256),
      'the tenant',
    ),
    exclusive,
  })
  .meta(
    rules(
      exclusiveNeedsMembers,
      {
        rule: "!has(self.memberGroups) || self.type == 'Security'",
        message: 'memberGroups: Entra lets no Microsoft365 group hold groups, only Security ones',
      },
      {
        rule: '!has(self.memberGroups) || !(self.name in self.memberGroups)',
        message: inItself,
      },
    ),
  );

export const declaredGroups = z
  .array(Group)
  .max(100)
  .optional()
  .meta({
    ...keyedBy('name'),
    description:
      'Groups to be there, made where missing and never deleted. Those that are not listed are left alone.',
  });

/** At most 64 characters: what a cn holds (active-directory.md A5). */
function directoryName(description: string): z.ZodString {
  return text(description, 64).regex(/^\S(.*\S)?$/);
}

const DirectoryGroup = z
  .object({
    name: directoryName(
      'Name (cn) of the group, right in the OU of the tenant; letter case is no matter.',
    ),
    description: text('What the group is for; set when it is made.', 1024).optional(),
    members,
    memberGroups: memberGroups(directoryName('Name of a group.'), "the tenant's OU"),
    exclusive,
  })
  .meta(
    rules(exclusiveNeedsMembers, {
      rule: '!has(self.memberGroups) || !self.memberGroups.exists(name, name.lowerAscii() == self.name.lowerAscii())',
      message: inItself,
    }),
  );

export const declaredDirectoryGroups = z
  .array(DirectoryGroup)
  .max(100)
  .optional()
  .meta({
    ...keyedBy('name'),
    ...rules({
      rule: 'self.all(group, self.exists_one(other, other.name.lowerAscii() == group.name.lowerAscii()))',
      message: 'activeDirectoryGroups: letter case alone does not tell two groups apart',
    }),
    description:
      'Security groups to be in the OU of the tenant in Active Directory, made where missing and never deleted. Those that are not listed are left alone. Goes with identity.activeDirectory: Managed.',
  });

/** Of M365Tenant's spec. */
export const directoryGroupsNeedDirectory = {
  rule: "!has(self.activeDirectoryGroups) || has(self.identity) && has(self.identity.activeDirectory) && self.identity.activeDirectory == 'Managed'",
  message: 'activeDirectoryGroups go with identity.activeDirectory: Managed',
};

export const groupStates = z
  .array(
    z.object({
      name: z.string().max(256).describe('Display name.'),
      id: z.string().max(36).describe('Object id in Entra ID.'),
    }),
  )
  .max(100)
  .optional()
  .meta({ ...keyedBy('name'), description: 'Declared groups that are there.' });

export const directoryGroupStates = z
  .array(
    z.object({
      name: z.string().max(64).describe('Name, as declared.'),
      objectGuid: z.string().max(36).describe('objectGUID in Active Directory.'),
    }),
  )
  .max(100)
  .optional()
  .meta({
    ...keyedBy('name'),
    description: 'Declared groups of Active Directory that are there.',
  });

export type DeclaredGroup = z.infer<typeof Group>;
export type DeclaredDirectoryGroup = z.infer<typeof DirectoryGroup>;
