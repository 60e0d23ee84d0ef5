/** The checklist for a simulator of Microsoft Graph (graph.md 15), row by row. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DIRECTORY_PROOFS } from './checklist/graph-directory.ts';
import { SERVICE_PROOFS } from './checklist/graph-service.ts';
import { Subject } from './checklist/subject.ts';

const PROOFS = [...DIRECTORY_PROOFS, ...SERVICE_PROOFS].sort((a, b) => a.row - b.row);
const ROWS = Array.from({ length: 11 }, (_, index) => index + 1);

let subject: Subject;
beforeEach(async () => {
  subject = await Subject.start();
});
afterEach(() => subject.kit.stop());

describe('the checklist of graph.md 15', () => {
  it('is walked whole', () => {
    expect([...new Set(PROOFS.map(({ row }) => row))]).toEqual(ROWS);
  });

  it.each(PROOFS)('row $row: $words ($source)', async ({ prove }) => {
    expect.hasAssertions();
    await prove(subject);
  });
});
