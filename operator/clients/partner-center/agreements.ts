/** The Microsoft Customer Agreement. */
import { terminal } from '../../core/errors.ts';
import type { PartnerCenterConnection } from './connection.ts';
import { type Part, written } from './part.ts';
import * as wire from './wire.ts';

const agreementType = 'MicrosoftCustomerAgreement';

export function agreements(
  connection: PartnerCenterConnection,
): Part<'getAgreementTemplateId' | 'getAgreement' | 'confirmAgreement'> {
  return {
    async getAgreementTemplateId(signal) {
      const templates = await connection.list(
        {
          path: `/v1/agreements?agreementType=${agreementType}`,
          as: 'user',
          operation: 'ListAgreementTemplates',
        },
        wire.WireAgreementTemplate,
        signal,
      );
      const newest = templates.sort((a, b) => (b.versionRank ?? 0) - (a.versionRank ?? 0))[0];
      if (newest !== undefined) return newest.templateId;
      throw terminal('Partner Center offers no Microsoft Customer Agreement to this partner', {
        reason: 'AgreementTemplateMissing',
      });
    },
    async getAgreement(customerId, signal) {
      const found = await connection.list(
        {
          path: `/v1/customers/${customerId}/agreements?agreementType=${agreementType}`,
          as: 'user',
          operation: 'GetAgreement',
        },
        wire.WireAgreement,
        signal,
      );
      return found.sort((a, b) => b.dateAgreed.localeCompare(a.dateAgreed))[0];
    },
    async confirmAgreement(customerId, agreement, signal) {
      const { phone, ...contact } = agreement.primaryContact;
      const response = await connection.send(
        {
          method: 'POST',
          path: `/v1/customers/${customerId}/agreements`,
          as: 'user',
          operation: 'ConfirmAgreement',
          body: {
            primaryContact: { ...contact, phoneNumber: phone },
            templateId: agreement.templateId,
            dateAgreed: agreement.dateAgreed,
            type: agreementType,
          },
        },
        signal,
        ({ code }) => code === '600061',
      );
      return written(response);
    },
  };
}
