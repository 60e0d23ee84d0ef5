/**
 * What an LDAP result code or a socket's error means, as plain reasons. Sources: active-directory.md A5 and B8
 * (Samba measured, Windows read; 2026-11-22), Microsoft's system error codes for the hex numbers.
 */
import { ResultCodeError } from 'ldapts';
import { type ErrorClass, OperatorError, toOperatorError } from '../../core/errors.ts';

export interface DirectoryErrorRow {
  /** LDAP result codes, or Node's codes of socket and TLS errors. */
  readonly codes: readonly (number | string)[];
  /** Letters that the server's text must hold, in any case: a hex number, `data` of a bind, an attribute. */
  readonly text?: string;
  readonly errorClass: ErrorClass;
  readonly reason: string;
  readonly message: string;
  readonly delayMs?: number;
}

/** Long enough that retries with a wrong password do not lock the service account out. */
export const credentialsDelayMs = 5 * 60_000;

const refused = { codes: [49], errorClass: 'Wait', delayMs: credentialsDelayMs } as const;
const terminal = { errorClass: 'Terminal' } as const;
const transient = { errorClass: 'Transient' } as const;
const wait = { errorClass: 'Wait' } as const;

/** The first row that fits counts. */
export const directoryErrors: readonly DirectoryErrorRow[] = [
  ...row(refused, [
    ['data 533', 'ServiceAccountDisabled', 'the service account is disabled'],
    ['data 701', 'ServiceAccountExpired', 'the service account has expired'],
    ['data 775', 'ServiceAccountLocked', 'the service account is locked'],
    ['data 532', 'ServicePasswordExpired', 'the password of the service account has expired'],
    ['data 773', 'ServicePasswordExpired', 'the service account must change its password'],
    ['data 530', 'ServiceAccountRestricted', 'the service account may not sign in at this hour'],
    ['data 531', 'ServiceAccountRestricted', 'the service account may not sign in from here'],
    [undefined, 'CredentialsRefused', 'bindDN or bindPassword is wrong'],
  ]),
  ...row({ ...wait, codes: [50] }, [
    [undefined, 'PermissionDenied', 'the service account lacks a right in Active Directory'],
  ]),
  ...row({ ...wait, codes: [8, 13] }, [
    [undefined, 'EncryptionRequired', 'Active Directory wants a stronger connection'],
  ]),
  ...row({ ...terminal, codes: [19, 53] }, [
    [
      '0000052D',
      'PasswordRejected',
      'the password does not meet the policy of the domain, or the finer one of the account (msDS-PasswordSettings)',
    ],
  ]),
  ...row({ ...wait, codes: [53] }, [
    ['0000001F', 'EncryptionRequired', 'Active Directory wants a stronger connection'],
  ]),
  ...row({ ...terminal, codes: [19, 68] }, [
    ['userPrincipalName', 'NameTaken', 'another account has this userPrincipalName'],
  ]),
  ...row({ ...terminal, codes: [68] }, [
    ['sAMAccountName', 'NameTaken', 'another account has this sAMAccountName'],
    ['00000524', 'NameTaken', 'another account has this sAMAccountName'],
    [undefined, 'NameTaken', 'another object in Active Directory has this name'],
  ]),
  ...row({ ...terminal, codes: [19] }, [
    ['sAMAccountName', 'InvalidName', 'the sAMAccountName holds a character that is not allowed'],
    [undefined, 'InvalidValue', 'Active Directory does not allow this value'],
  ]),
  ...row({ ...terminal, codes: [80] }, [
    ['00000523', 'InvalidName', 'the sAMAccountName holds a character that is not allowed'],
  ]),
  ...row({ ...terminal, codes: [16, 17] }, [
    [undefined, 'AttributeUnknown', 'the schema of this Active Directory lacks the attribute'],
  ]),
  ...row({ ...terminal, codes: [20, 21] }, [
    [undefined, 'InvalidValue', 'an attribute has an empty, too long or malformed value'],
  ]),
  ...row({ ...terminal, codes: [34, 64] }, [
    [undefined, 'InvalidName', 'Active Directory does not take this name'],
  ]),
  ...row({ ...terminal, codes: [65, 67, 69] }, [
    [undefined, 'AttributeNotAllowed', 'this attribute cannot be written on such an object'],
  ]),
  ...row({ ...terminal, codes: [66] }, [
    [undefined, 'HasChildren', 'there are objects below this account: remove them first'],
  ]),
  ...row({ ...terminal, codes: [53] }, [
    [undefined, 'ChangeRefused', 'Active Directory refuses this change'],
  ]),
  ...row({ ...terminal, codes: [10] }, [
    [undefined, 'OtherDomain', 'the object belongs to another domain: use a controller of it'],
  ]),
  ...row({ ...wait, codes: [32] }, [
    [
      undefined,
      'ObjectMissing',
      'the object or the OU above it does not exist in Active Directory',
    ],
  ]),
  ...row({ ...transient, codes: [1] }, [
    ['00002020', 'ConnectionFailed', 'the session with Active Directory was lost'],
  ]),
  ...row({ ...transient, codes: [1, 3, 11, 51, 52, 80] }, [
    [undefined, 'DirectoryBusy', 'Active Directory is busy; the operator tries again'],
  ]),
  ...row({ ...wait, codes: ['ERR_TLS_CERT_ALTNAME_INVALID'] }, [
    [undefined, 'CertificateInvalid', 'its certificate is for another name'],
  ]),
  ...row({ ...wait, codes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'] }, [
    [undefined, 'CertificateInvalid', 'its certificate is not valid at this time'],
  ]),
  ...row(
    {
      ...wait,
      codes: [
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        'UNABLE_TO_GET_ISSUER_CERT',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        'SELF_SIGNED_CERT_IN_CHAIN',
        'DEPTH_ZERO_SELF_SIGNED_CERT',
        'CERT_SIGNATURE_FAILURE',
      ],
    },
    [[undefined, 'CertificateInvalid', 'its certificate is not signed by the authority in ca.crt']],
  ),
  ...row({ ...wait, codes: ['ERR_OSSL_PEM_NO_START_LINE', 'ERR_OSSL_PEM_BAD_END_LINE'] }, [
    [undefined, 'CertificateInvalid', 'ca.crt is no certificate in PEM form'],
  ]),
  ...row({ ...transient, codes: ['ENOTFOUND', 'EAI_AGAIN'] }, [
    [undefined, 'ConnectionFailed', 'its name is not known to DNS'],
  ]),
  ...row({ ...transient, codes: ['ECONNREFUSED'] }, [
    [undefined, 'ConnectionFailed', 'it refuses connections'],
  ]),
  ...row({ ...transient, codes: ['DeadlineExceeded', 'ETIMEDOUT'] }, [
    [undefined, 'ConnectionFailed', 'no answer from Active Directory came in time'],
  ]),
  ...row({ ...transient, codes: ['ConnectionLost', 'ECONNRESET', 'EPIPE'] }, [
    [undefined, 'ConnectionFailed', 'the connection to Active Directory broke'],
  ]),
  ...row({ ...transient, codes: ['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'] }, [
    [undefined, 'ConnectionFailed', 'it cannot be reached'],
  ]),
];

type Case = readonly [text: string | undefined, reason: string, message: string];

function row(
  base: Pick<DirectoryErrorRow, 'codes' | 'errorClass' | 'delayMs'>,
  cases: readonly Case[],
): DirectoryErrorRow[] {
  return cases.map(([text, reason, message]) => ({
    ...base,
    ...(text === undefined ? {} : { text }),
    reason,
    message,
  }));
}

/** Our own end of waiting; the connection is given up with it. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'DeadlineExceeded';
}

/** The LDAP result code or Node's code of an error; undefined where it has none. */
export function codeOf(thrown: unknown): number | string | undefined {
  if (thrown instanceof ResultCodeError) return thrown.code;
  if (!(thrown instanceof Error)) return undefined;
  const code: unknown = 'code' in thrown ? thrown.code : undefined;
  if (typeof code === 'string') return code;
  // ldapts has no class for these (Client.ts 9.2.0).
  return /^(Socket error|Socket connection|Connection closed|Connection timeout)/.test(
    thrown.message,
  )
    ? 'ConnectionLost'
    : undefined;
}

/** Classified by the table. The server's text may hold names, so it goes into `cause` alone. */
export function toDirectoryError(thrown: unknown): OperatorError {
  if (thrown instanceof OperatorError) return thrown;
  const code = codeOf(thrown);
  const text = thrown instanceof Error ? thrown.message : '';
  if (code === undefined) return toOperatorError(thrown);
  const found = rowOf(code, text);
  if (found === undefined) return unknownCode(code, thrown);
  const attribute = found.errorClass === 'Terminal' ? attributeIn(text) : undefined;
  const message = attribute === undefined ? found.message : `${found.message}: ${attribute}`;
  return new OperatorError(found.errorClass, message, {
    reason: found.reason,
    ...(found.delayMs === undefined ? {} : { delayMs: found.delayMs }),
    cause: thrown,
  });
}

export function rowOf(code: number | string, text: string): DirectoryErrorRow | undefined {
  const lower = text.toLowerCase();
  return directoryErrors.find(
    (candidate) =>
      candidate.codes.includes(code) && lower.includes((candidate.text ?? '').toLowerCase()),
  );
}

function unknownCode(code: number | string, thrown: unknown): OperatorError {
  // Node's own argument errors (ERR_INVALID_…) are bugs; its TLS errors are the other side's.
  if (typeof code === 'string' && /^ERR_(?!SSL|TLS)/.test(code)) return toOperatorError(thrown);
  return new OperatorError('Transient', `Active Directory failed with code ${code}`, {
    reason: 'DirectoryFailed',
    cause: thrown,
  });
}

/** The attribute that a server complains of: Samba's and Windows' ways to name it. */
function attributeIn(text: string): string | undefined {
  return /attribute '?([A-Za-z][A-Za-z0-9-]{1,63})\b|Att [0-9a-f]+ \(([A-Za-z][A-Za-z0-9-]{1,63})\)/i
    .exec(text)
    ?.slice(1)
    .find((name) => name !== undefined);
}
