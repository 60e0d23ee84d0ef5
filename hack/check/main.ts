/** `npm run check`: format, types, lint, dead code, generated files, house rules and units; under a minute. */
import { report, runStep, steps, unitTests } from './steps.ts';

const results = await Promise.all(
  [unitTests, ...steps].map(async (step) => {
    const result = await runStep(step);
    report(result);
    return result;
  }),
);
if (results.some(({ isFine }) => !isFine)) process.exitCode = 1;
