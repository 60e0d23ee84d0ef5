/** Schemas that several kinds share. */
import * as z from 'zod';
import { asSet, keyedBy, rules, text } from './define.ts';

/** RFC 1123 label: the form of object names that a reference may hold. */
const objectName = '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$';

export function reference(description: string) {
  return z
    .object({
      name: z
        .string()
        .min(1)
        .max(253)
        .regex(new RegExp(objectName))
        .describe('Name of the object.'),
    })
    .describe(description);
}

export function guid(description: string): z.ZodString {
  return z
    .string()
    .max(36)
    .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    .describe(description);
}

export function domainName(description: string): z.ZodString {
  return z
    .string()
    .min(3)
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/)
    .describe(description);
}

export function email(description: string): z.ZodString {
  return z
    .string()
    .max(254)
    .regex(/^[^@\s]{1,64}@[^@\s]+\.[^@\s]+$/)
    .describe(description);
}

export function dateTime(description: string): z.ZodString {
  return z.string().max(40).meta({ format: 'date-time', description });
}

export const managementPolicies = z
  .array(z.enum(['Observe', 'Create', 'Update', 'Delete']))
  .min(1)
  .max(4)
  .optional()
  .meta({
    ...asSet,
    ...rules({
      rule: "'Observe' in self",
      message: 'managementPolicies must hold Observe: without looking nothing else can be done',
    }),
    description:
      'What the operator may do outside. Unset: all. Whatever is left out still shows as drift, and is not done.',
  });

export const suspend = z
  .boolean()
  .optional()
  .describe(
    'true: nothing is read or changed outside until it is false again. Deletion works while suspended.',
  );

export const Condition = z.object({
  type: text('Type of the condition.', 316),
  status: z.enum(['True', 'False', 'Unknown']).describe('Status of the condition.'),
  reason: text('Why, in one word, constant for one state.', 1024),
  message: z.string().max(32_768).describe('Why, in a sentence for people.'),
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that was looked at.'),
  lastTransitionTime: dateTime('When status last changed.'),
});

export const statusBase = {
  observedGeneration: z
    .int()
    .min(-1)
    .optional()
    .describe('Generation of spec that the last look was at; -1 until the first.'),
  lastHandledReconcileAt: z
    .string()
    .max(253)
    .optional()
    .describe('Echo of the annotation m365-operator.io/reconcile-requested-at.'),
  conditions: z
    .array(Condition)
    .max(32)
    .optional()
    .meta({
      ...keyedBy('type'),
      description: 'State, as conditions after the Kubernetes API conventions.',
    }),
};

/** One difference between what is declared and what is there. */
export const Drift = z.object({
  path: text('The field that differs, as in spec.', 253),
  type: z
    .enum(['Missing', 'Extra', 'Different', 'Contended'])
    .describe(
      'Missing outside, there although not declared, of another value, or set back three times within an hour and left to its other writer.',
    ),
  declared: z.string().max(1024).optional().describe('Value in spec; never a secret.'),
  actual: z.string().max(1024).optional().describe('Value found outside; never a secret.'),
  changedBy: z
    .string()
    .max(256)
    .optional()
    .describe(
      'Who did it, where the audit log has told: it takes some minutes. `unknown`: Active Directory, which does not tell.',
    ),
  changedAt: dateTime(
    'When it was done, by the audit log; in Active Directory when the account was last changed, or of a membership the group.',
  ).optional(),
});

export const drift = z
  .array(Drift)
  .max(20)
  .optional()
  .meta({
    ...keyedBy('path'),
    description: 'What was changed outside and is not repaired (yet). At most 20 entries.',
  });

export type DriftEntry = z.infer<typeof Drift>;
