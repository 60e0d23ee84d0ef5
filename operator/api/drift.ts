/** What is done about changes made outside: policy, accepted exceptions, and what is remembered of them. */
import * as z from 'zod';
import { dateTime } from './common.ts';
import { atomic, keyedBy, rules, text } from './define.ts';

const Policy = z.enum(['Report', 'Correct', 'Adopt', 'Ignore']);

export type DriftPolicy = z.infer<typeof Policy>;

const fieldName = /^[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)*$/;

const Rule = z.object({
  kinds: z
    .array(z.enum(['M365User', 'M365Tenant']))
    .min(1)
    .max(2)
    .optional()
    .meta({ ...atomic, description: 'Kinds that the rule is for. Unset: all.' }),
  fields: z
    .array(z.string().min(1).max(100).regex(fieldName))
    .min(1)
    .max(50)
    .meta({
      ...atomic,
      description:
        'Fields as status.drift names them, without what stands in brackets, e.g. jobTitle, groups, activeDirectory; a field means those below it as well.',
    }),
  policy: Policy.describe('What is done.'),
});

export const driftRules = z
  .object({
    default: Policy.default('Correct').describe('For what no rule names.'),
    rules: z
      .array(Rule)
      .max(50)
      .optional()
      .meta({ ...atomic, description: 'The first that fits counts.' }),
  })
  .optional()
  .describe(
    'What is done about fields that others changed, of the tenant and of its users. Report: shown, not written. Correct: shown and set back (the default: what is declared is what is wanted). Adopt: the new value stays until the declared one changes. Ignore: neither shown nor written, also when the declared value changes.',
  );

export type DriftRules = z.infer<typeof driftRules>;

export const driftPolicy = Policy.optional().describe(
  'What is done about fields of this object that others changed. Unset: as spec.drift of the M365Tenant says.',
);

const Accepted = z
  .object({
    field: text('The field, as path in status.drift, e.g. jobTitle or groups[Sales].', 253),
    value: z
      .string()
      .max(1024)
      .optional()
      .describe('The accepted value, as actual in status.drift. Unset: that there is none.'),
    reason: text('Why.', 256),
    owner: text('Who answers for it.', 256),
    until: dateTime('End: from then on it is drift again.'),
  })
  .meta(
    rules({
      rule: "!self.field.lowerAscii().contains('password')",
      message: 'acceptedDrift cannot name a password: values stand here for all to read',
    }),
  );

export const acceptedDrift = z
  .array(Accepted)
  .max(20)
  .optional()
  .meta({
    ...keyedBy('field'),
    description:
      'Values that may stand though they differ from what is declared: neither shown as drift nor written. Any other value is drift.',
  });

export type AcceptedDrift = z.infer<typeof Accepted>;

export const lastApplied = z
  .string()
  .max(4096)
  .regex(/^([0-9a-f]{8})*$/)
  .optional()
  .describe(
    'Fingerprints of the declared values that have been in force: only what differs from these was changed by others.',
  );

const Correction = z.object({
  path: text('The field.', 253),
  times: z
    .array(dateTime('When it was found changed and set back.'))
    .min(1)
    .max(3)
    .meta({ ...atomic, description: 'Within an hour; the newest last.' }),
  handsOffUntil: dateTime(
    'The field is left to its other writer until then, or until that one has not changed it for an hour.',
  ).optional(),
});

export type CorrectionRecord = z.infer<typeof Correction>;

export const corrections = z
  .array(Correction)
  .max(20)
  .optional()
  .meta({ ...keyedBy('path'), description: 'What was set back within the last hour.' });
