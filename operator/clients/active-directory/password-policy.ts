import type { PasswordRules } from '../../core/password.ts';
import { textOf } from './entries.ts';
import type { Session } from './session.ts';

/** DOMAIN_PASSWORD_COMPLEX of pwdProperties (MS-SAMR 2.2.3.3). */
const complexBit = 1;

/** It stands at the head of the domain; what may not be read there asks nothing. */
export async function readPasswordPolicy(
  session: Pick<Session, 'read' | 'root'>,
  signal: AbortSignal,
): Promise<PasswordRules> {
  const entry = await session.read(
    {
      operation: 'ReadPasswordPolicy',
      base: session.root.defaultNamingContext,
      attributes: ['minPwdLength', 'pwdProperties'],
    },
    signal,
  );
  const number = (name: string): number => {
    const value = Number(entry === undefined ? undefined : textOf(entry, name));
    return Number.isSafeInteger(value) ? value : 0;
  };
  return {
    minLength: number('minPwdLength'),
    isComplex: (number('pwdProperties') & complexBit) !== 0,
  };
}
