/** Groups of an M365Tenant. */
import * as z from 'zod';
import { asSet, keyedBy, rules, text } from './define.ts';

const Group = z
  .object({
    name: text('Display name. Exactly one group of the tenant may have it.', 256),
    type: z
      .enum(['Security', 'Microsoft365'])
      .default('Security')
      .describe('Kind of the group when it is made; Entra cannot change it afterwards.'),
    description: text('What the group is for; set when it is made.', 1024).optional(),
    members: z
      .array(z.string().min(3).max(113))
      .max(500)
      .optional()
      .meta({
        ...asSet,
        description:
          'Sign-in names of people who are to be members, beside those whose M365User names the group.',
      }),
    memberGroups: z
      .array(text('Display name of a group, or its object id.', 256))
      .max(100)
      .optional()
      .meta({
        ...asSet,
        description:
          'Groups that are to be members of this one, with all who are in them: groups of this list, or others of the tenant.',
      }),
    exclusive: z
      .boolean()
      .optional()
      .describe(
        'true: whoever is a member and is named neither here nor by an M365User is taken out, groups as well. Unset: others are left alone.',
      ),
  })
  .meta(
    rules(
      {
        rule: '!has(self.exclusive) || !self.exclusive || has(self.members)',
        message:
          'exclusive needs members: an empty list takes out everybody whom no M365User names',
      },
      {
        rule: "!has(self.memberGroups) || self.type == 'Security'",
        message: 'memberGroups: Entra lets no Microsoft365 group hold groups, only Security ones',
      },
      {
        rule: '!has(self.memberGroups) || !(self.name in self.memberGroups)',
        message: 'memberGroups: a group cannot be a member of itself',
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

export type DeclaredGroup = z.infer<typeof Group>;
