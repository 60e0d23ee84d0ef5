/** Tokens, and the consent of our application in a customer tenant. */
import { claimsOf } from '../identity/tokens.ts';
import { type PartnerCenterConnection, userScope } from './connection.ts';
import { type Part, written } from './part.ts';

/** Microsoft Graph: the application consent is for its permissions. */
const graphAppId = '00000003-0000-0000-c000-000000000000';

export function access(
  connection: PartnerCenterConnection,
): Part<'verifyAppToken' | 'verifyUserToken' | 'consentApplication'> {
  const { tokens, partnerTenantId, resource } = connection.options;
  return {
    async verifyAppToken(signal) {
      await tokens.app(partnerTenantId, resource, signal);
      await connection.send(
        { method: 'GET', path: '/v1/customers?size=1', as: 'app', operation: 'ListCustomers' },
        signal,
      );
    },
    async verifyUserToken(signal) {
      const token = await tokens.user(partnerTenantId, userScope(resource), signal);
      return { isMfaCompliant: claimsOf(token).amr?.includes('mfa') === true };
    },
    async consentApplication(customerId, scopes, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: `/v1/customers/${customerId}/applicationconsents`,
          as: 'user',
          operation: 'ConsentApplication',
          body: {
            applicationId: tokens.clientId,
            displayName: 'm365-operator',
            applicationGrants: [{ enterpriseApplicationId: graphAppId, scope: scopes.join(',') }],
          },
        },
        signal,
        (_, answer) => answer.status === 409,
      );
      return written(response);
    },
  };
}
