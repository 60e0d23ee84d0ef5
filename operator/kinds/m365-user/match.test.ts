import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ids } from '../../../hack/testing/build.ts';
import { entraUser } from '../../../hack/testing/observed.ts';
import { matchAccount } from './match.ts';

const mia = entraUser();
const other = entraUser({ id: ids.manager, userPrincipalName: 'other@contoso.example' });
const policies = ['ByAnchor', 'ByUserPrincipalName', 'Never'] as const;

describe("which account is a person's", () => {
  it.each([
    ['ByUserPrincipalName', [], undefined, false, undefined],
    ['Never', [], mia, true, 'Made'],
    ['ByAnchor', [], mia, true, 'Made'],
    ['ByAnchor', [mia], mia, false, 'Anchor'],
    ['ByAnchor', [other], undefined, false, 'Anchor'],
    ['ByUserPrincipalName', [other], undefined, false, 'Anchor'],
    ['ByUserPrincipalName', [], mia, false, 'Name'],
    ['ByAnchor', [], mia, false, 'UserPrincipalNameTaken'],
    ['Never', [], mia, false, 'UserPrincipalNameTaken'],
    ['Never', [mia], mia, false, 'AnchorTaken'],
    ['ByUserPrincipalName', [other], mia, false, 'AmbiguousMatch'],
    ['ByUserPrincipalName', [mia, other], undefined, false, 'AmbiguousMatch'],
    ['Never', [other], mia, true, 'AmbiguousMatch'],
  ] as const)(
    '%s, of its anchor %j, of its name %j, ours %j',
    (policy, byAnchor, byName, isOurs, expected) => {
      const found = matchAccount({ policy, byAnchor, byName, byMail: [], isOurs });
      expect(found.refusal ?? found.origin).toBe(expected);
      if (found.refusal !== undefined) expect(found.entra).toBeUndefined();
    },
  );

  it.each([
    ['ByUserPrincipalName', [], undefined, [other], 'Mail'],
    ['ByUserPrincipalName', [], undefined, [other, mia], 'AmbiguousMatch'],
    ['ByUserPrincipalName', [], mia, [other], 'Name'],
    ['ByUserPrincipalName', [mia], undefined, [other], 'Anchor'],
    ['ByAnchor', [], undefined, [other], undefined],
    ['Never', [], undefined, [other], undefined],
  ] as const)(
    '%s, of its anchor %j, of its name %j, of its mail %j',
    (policy, byAnchor, byName, byMail, expected) => {
      const found = matchAccount({ policy, byAnchor, byName, byMail, isOurs: false });
      expect(found.refusal ?? found.origin).toBe(expected);
    },
  );

  it('is never guessed: one account, or a refusal that names all, in whatever order they come', () => {
    const accounts = [ids.user, ids.manager, ids.account].map((id) => entraUser({ id }));
    fc.assert(
      fc.property(
        fc.constantFrom(...policies),
        fc.shuffledSubarray(accounts),
        fc.constantFrom(undefined, ...accounts),
        fc.boolean(),
        (policy, byAnchor, byName, isOurs) => {
          const given = { policy, byName, byMail: [], isOurs: isOurs && byName !== undefined };
          const found = matchAccount({ ...given, byAnchor });
          const all = new Set([...byAnchor, ...(byName ? [byName] : [])]);
          if (all.size > 1) {
            expect(found.refusal).toBe('AmbiguousMatch');
            expect(new Set(found.candidates)).toEqual(all);
          }
          if (found.entra !== undefined) expect([...all]).toEqual([found.entra]);
          expect(matchAccount({ ...given, byAnchor: byAnchor.toReversed() })).toEqual(found);
        },
      ),
    );
  });
});
