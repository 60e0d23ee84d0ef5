import { expect, it } from 'vitest';
import { toFailure } from './errors.ts';

const plan = '00000000-0000-4000-8000-000000000001';

it.each([
  [
    `License assignment failed because service plans ${plan} are mutually exclusive.`,
    'Terminal',
    'LicenseConflict',
  ],
  [
    `License assignment failed because service plan '${plan}' depends on the service plan(s) ${plan}.`,
    'Terminal',
    'LicenseDependencyMissing',
  ],
  [
    "License assignment failed because service plans are not available in usage location 'IR'.",
    'Terminal',
    'LicenseProhibitedInUsageLocation',
  ],
  [
    `User license ${plan} is inherited from a group membership and it cannot be removed directly from the user.`,
    'Transient',
    'LicenseChangedMeanwhile',
  ],
  [`User does not have a corresponding license ${plan}.`, 'Transient', 'LicenseChangedMeanwhile'],
])('"%s" is %s %s, in plain words', (message, errorClass, reason) => {
  const text = JSON.stringify({ error: { code: 'Request_BadRequest', message } });
  const { error } = toFailure({ status: 400, headers: {}, text }, 0);
  expect(error).toMatchObject({ class: errorClass, reason });
  expect(error.message).not.toContain(plan);
});
