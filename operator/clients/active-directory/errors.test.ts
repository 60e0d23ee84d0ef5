import { ConstraintViolationError, InvalidSyntaxError, UnknownStatusCodeError } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../core/errors.ts';
import { codeOf, DeadlineError, directoryErrors, rowOf, toDirectoryError } from './errors.ts';

function failed(code: number | string, text: string): Error {
  if (typeof code === 'number') return new UnknownStatusCodeError(code, text);
  return Object.assign(new Error(text), { code });
}

const cases = directoryErrors.flatMap((row) =>
  row.codes.map((code) => ({ name: `${code} ${row.text ?? ''}`.trim(), row, code })),
);

describe('the table of errors', () => {
  it.each(cases)('$name has a row of its own', ({ row, code }) => {
    const text = `80090308: LdapErr: ${row.text ?? ''}, v4563`;
    expect(rowOf(code, text)).toMatchObject({ reason: row.reason, message: row.message });
    const error = toDirectoryError(failed(code, text));
    expect(error.class).toBe(row.errorClass);
    expect(error.reason).toBe(row.reason);
    expect(error.message).toBe(row.message);
    expect(error.delayMs).toBe(row.delayMs);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('has a CamelCase reason and a plain message in every row', () => {
    for (const { reason, message } of directoryErrors) {
      expect(reason).toMatch(/^([A-Z][a-z]+)+$/);
      expect(message).not.toMatch(/\.$|\d{4}/);
    }
  });
});

describe('what servers say', () => {
  it.each([
    [
      49,
      '80090308: LdapErr: DSID-0C090447, AcceptSecurityContext error, data 52e, v3839',
      'Wait',
      'CredentialsRefused',
    ],
    [
      49,
      '80090308: LdapErr: DSID-0C090447, AcceptSecurityContext error, data 775, v3839',
      'Wait',
      'ServiceAccountLocked',
    ],
    [
      19,
      '0000052D: Constraint violation - check_password_restrictions: the password is too short',
      'Terminal',
      'PasswordRejected',
    ],
    [
      53,
      '0000052D: SvcErr: DSID-031A129B, problem 5003 (WILL_NOT_PERFORM), data 0',
      'Terminal',
      'PasswordRejected',
    ],
    [
      19,
      '000021C8: AtrErr: DSID-03200EBE, #1: problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att 90290 (userPrincipalName)',
      'Terminal',
      'NameTaken',
    ],
    [19, "0000202F: samldb: userPrincipalName 'x@y' is already in use", 'Terminal', 'NameTaken'],
    [
      68,
      "00002071: samldb: sAMAccountName 'A' is already in use (implied by userPrincipalName)",
      'Terminal',
      'NameTaken',
    ],
    [
      80,
      '00000523: SysErr: DSID-031A1202, problem 22 (Invalid argument), data 0',
      'Terminal',
      'InvalidName',
    ],
    [80, '00002095: other', 'Transient', 'DirectoryBusy'],
    [118, 'canceled', 'Transient', 'DirectoryFailed'],
  ])('%i %s', (code, text, errorClass, reason) => {
    expect(toDirectoryError(failed(code, text))).toMatchObject({ class: errorClass, reason });
  });

  it('names the attribute, never its value', () => {
    const samba = new InvalidSyntaxError(
      "0000200B: objectclass_attrs: attribute 'displayName' on entry 'CN=Secret Name' contains at least one invalid value!",
    );
    const windows = new ConstraintViolationError(
      '00002082: AtrErr: DSID-03, #1: problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att d (displayName):len 600',
    );
    for (const error of [samba, windows].map(toDirectoryError)) {
      expect(error.message).toMatch(/: displayName$/);
      expect(error.message).not.toContain('Secret Name');
    }
  });
});

describe('what is no LDAP result', () => {
  it('is a lost connection where ldapts says so', () => {
    const error = new Error(
      'Connection closed before message response was received. Message type: X',
    );
    expect(toDirectoryError(error)).toMatchObject({
      class: 'Transient',
      reason: 'ConnectionFailed',
    });
  });

  it('is a missing answer after our own deadline', () => {
    expect(codeOf(new DeadlineError('late'))).toBe('DeadlineExceeded');
    expect(toDirectoryError(new DeadlineError('late')).message).toBe(
      'no answer from Active Directory came in time',
    );
  });

  it('is a bug where it is neither', () => {
    expect(toDirectoryError(new TypeError('x')).class).toBe('Bug');
    expect(toDirectoryError(failed('ERR_INVALID_ARG_TYPE', 'x')).class).toBe('Bug');
    expect(toDirectoryError(failed('ERR_SSL_WRONG_VERSION_NUMBER', 'x')).class).toBe('Transient');
    expect(toDirectoryError('text').class).toBe('Bug');
  });

  it('stays what it is where it was classified before', () => {
    const error = new OperatorError('Wait', 'x', { reason: 'X' });
    expect(toDirectoryError(error)).toBe(error);
  });
});
