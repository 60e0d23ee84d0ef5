/** What the domain asks of a password. */
import type { PasswordRules } from '../../core/password.ts';

export interface PasswordPolicies {
  /**
   * Of the domain, as it is now. One that a finer policy (msDS-PasswordSettings) sets for some people is not seen here: what
   * it refuses is refused when the password is set.
   */
  passwordPolicy(signal: AbortSignal): Promise<PasswordRules>;
}
