/** Errors of Microsoft's login, by AADSTS code. Source: graph.md 1.1 and 17.10, partner-center.md 1.2 (2026-11-24). */
import { type OperatorError, terminal, transient, wait } from '../../core/errors.ts';

interface Row {
  readonly class: 'Terminal' | 'Wait';
  readonly reason: string;
  readonly message: string;
  readonly delayMs?: number;
}

const minute = 60_000;

export const loginErrors: Readonly<Record<string, Row>> = {
  '7000215': {
    class: 'Terminal',
    reason: 'ClientSecretInvalid',
    message:
      'Microsoft refuses clientSecret: put the value of the secret (not its id) into the Secret',
  },
  '7000222': {
    class: 'Terminal',
    reason: 'ClientSecretExpired',
    message: 'clientSecret has expired: make a new one and put it into the Secret',
  },
  '700016': {
    class: 'Terminal',
    reason: 'ApplicationNotFound',
    message: 'Microsoft does not know clientId in this tenant: check clientId and partnerTenantId',
  },
  '700027': {
    class: 'Wait',
    reason: 'CertificateNotAccepted',
    message:
      'Microsoft does not accept the client certificate (yet): it must be uploaded to the application',
    delayMs: minute,
  },
  '7000229': {
    class: 'Wait',
    reason: 'ConsentMissing',
    message: 'the application has no service principal in this tenant yet',
    delayMs: 10_000,
  },
  '650051': {
    class: 'Wait',
    reason: 'ConsentPending',
    message: 'the application is being set up in this tenant',
    delayMs: 30_000,
  },
  '65001': {
    class: 'Wait',
    reason: 'ConsentMissing',
    message: 'the application has no consent in this tenant yet',
    delayMs: 10_000,
  },
  '90002': {
    class: 'Wait',
    reason: 'TenantNotReady',
    message: "Microsoft's login does not know this tenant (yet)",
    delayMs: 10_000,
  },
  '900023': {
    class: 'Terminal',
    reason: 'TenantInvalid',
    message: "Microsoft's login refuses this tenant id: check it",
  },
  '5000224': {
    class: 'Terminal',
    reason: 'TenantGone',
    message: 'Microsoft says that this tenant is not available any more',
  },
  '700082': {
    class: 'Terminal',
    reason: 'RefreshTokenExpired',
    message:
      'refreshToken has expired: sign in as the service user again and put the new one into the Secret',
  },
  '700084': {
    class: 'Terminal',
    reason: 'RefreshTokenExpired',
    message:
      'refreshToken has expired: sign in as the service user again and put the new one into the Secret',
  },
  '50173': {
    class: 'Terminal',
    reason: 'RefreshTokenRevoked',
    message:
      'refreshToken was revoked (password or policy of the service user changed): sign in again',
  },
  '9002313': {
    class: 'Terminal',
    reason: 'RefreshTokenInvalid',
    message:
      'refreshToken is not a refresh token: sign in as the service user and put it into the Secret',
  },
  '70000': {
    class: 'Terminal',
    reason: 'RefreshTokenInvalid',
    message:
      'Microsoft does not know refreshToken: sign in as the service user and put it into the Secret',
  },
  '50076': {
    class: 'Terminal',
    reason: 'MfaRequired',
    message: 'the service user must sign in with MFA: get refreshToken again with MFA done',
  },
  '50079': {
    class: 'Terminal',
    reason: 'MfaRequired',
    message: 'the service user must register for MFA and sign in again',
  },
  '53003': {
    class: 'Wait',
    reason: 'BlockedByConditionalAccess',
    message: "Conditional Access blocks the operator's sign-in in this tenant",
  },
};

/** `description` is the text that holds the AADSTS code: an `error_description`, or the message of a library. */
export function loginError(description: string, cause: unknown): OperatorError {
  // MSAL's word for a tenant whose metadata cannot be read: there is none (yet), or no network.
  if (description.includes('endpoints_resolution_error')) return tenantNotKnown(cause);
  const code = /AADSTS(\d+)/.exec(description)?.[1];
  const row = code === undefined ? undefined : loginErrors[code];
  if (row === undefined) return unclassified(code, cause);
  const { reason, delayMs } = row;
  if (row.class === 'Terminal') return terminal(row.message, { reason, cause });
  return wait(row.message, { reason, cause, ...(delayMs === undefined ? {} : { delayMs }) });
}

function tenantNotKnown(cause: unknown): OperatorError {
  return wait("Microsoft's login does not know this tenant (yet), or cannot be reached", {
    reason: 'TenantNotReady',
    delayMs: 10_000,
    cause,
  });
}

function unclassified(code: string | undefined, cause: unknown): OperatorError {
  if (code === undefined) {
    return transient("Microsoft's login did not answer; the operator tries again", {
      reason: 'LoginUnavailable',
      cause,
    });
  }
  return wait(
    `Microsoft's login refuses with AADSTS${code}: look the code up at login.microsoftonline.com/error`,
    {
      reason: 'LoginRefused',
      cause,
    },
  );
}
