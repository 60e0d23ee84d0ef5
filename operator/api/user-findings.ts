/** What status shows of a person that the operator did not do. */
import * as z from 'zod';
import { dateTime } from './common.ts';
import { atomic, text } from './define.ts';

export const OutsideChange = z.object({
  at: dateTime('When, by the audit log.'),
  by: text('Sign-in name of the person, or name of the application.', 256),
  byType: z.enum(['User', 'Application']).describe('Kind of author.'),
  activity: text('What, as the audit log names it, e.g. Update user.', 256),
  fields: z
    .array(z.string().max(100))
    .max(20)
    .optional()
    .meta({ ...atomic, description: 'Properties that changed, by the names of the audit log.' }),
});

export const LicenseFinding = z.object({
  license: text('Part number of the product, e.g. SPB.', 100),
  reason: text('AssignedTwice, or the error as Entra names it.', 100),
  message: text('The same in a sentence.', 1024),
});

export type LicenseFinding = z.infer<typeof LicenseFinding>;
