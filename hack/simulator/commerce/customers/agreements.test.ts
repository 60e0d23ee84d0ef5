import { expect, it } from 'vitest';
import { ROLES } from '../access.ts';
import { commerceOf } from '../index.ts';
import { buy, buyer, CONTACT, newAgreement, newCustomer, testCloud } from '../test-world.ts';

const HOUR_MS = 3_600_000;

it('offers the template that the confirmation takes', () => {
  const cloud = testCloud();
  const url = '/v1/agreements?agreementType=MicrosoftCustomerAgreement';
  const { items } = cloud.send('GET', url).json;
  expect(items).toMatchObject([{ templateId: newAgreement().templateId }]);
  const cloudAgreement = cloud.send('GET', '/v1/agreements').json.items;
  expect(cloudAgreement).toMatchObject([{ agreementType: 'MicrosoftCloudAgreement' }]);
});

it('confirms once, refuses the same contact with 600061 in the newer error shape', () => {
  const cloud = testCloud();
  const { id } = cloud.send('POST', '/v1/customers', newCustomer()).json;
  const url = `/v1/customers/${id}/agreements`;
  const confirmed = cloud.send('POST', url, newAgreement());
  expect(confirmed).toMatchObject({ status: 201, json: { userId: expect.any(String) } });
  expect(cloud.send('POST', url, newAgreement())).toMatchObject({
    status: 400,
    json: {
      code: 600061,
      errorName: 'PartnerConfirmedAgreementAlreadyExists',
      isRetryable: false,
      errorMessageExtended: 'InternalErrorCode=600061',
    },
  });
  const other = { ...newAgreement(), primaryContact: { ...CONTACT, firstName: 'Max' } };
  expect(cloud.send('POST', url, other).status).toBe(201);
  const listed = cloud.send('GET', `${url}?agreementType=MicrosoftCustomerAgreement`).json;
  expect(listed.totalCount).toBe(2);
  expect(cloud.send('GET', url).json.totalCount).toBe(0);
});

it.each([
  { dateAgreed: '2099-01-01T00:00:00Z' },
  { templateId: 'unknown' },
  { type: 'MicrosoftCloudAgreement' },
  { primaryContact: { firstName: 'Erika' } },
])('refuses an agreement with %j', (change) => {
  const cloud = testCloud();
  const { id } = cloud.send('POST', '/v1/customers', newCustomer()).json;
  const answer = cloud.send('POST', `/v1/customers/${id}/agreements`, {
    ...newAgreement(),
    ...change,
  });
  expect(answer).toMatchObject({ status: 400, json: { code: 2000 } });
});

it('sells nothing without agreement: 403/13605', () => {
  const cloud = testCloud();
  const { id } = cloud.send('POST', '/v1/customers', newCustomer()).json;
  expect(buy(cloud, id, {})).toMatchObject({ status: 403, json: { code: 13605 } });
});

it('sells nothing while the account is under review, then allows', () => {
  const cloud = testCloud({ settings: { accountReviewMs: HOUR_MS } });
  const id = buyer(cloud);
  const url = `/v1/customers/${id}/validationStatus?type=account`;
  expect(cloud.send('GET', url).json).toMatchObject({ type: 'account', status: 'UnderReview' });
  expect(buy(cloud, id, {})).toMatchObject({ status: 403, json: { code: 800073 } });
  cloud.world.clock.advance(HOUR_MS);
  expect(cloud.send('GET', url).json).toMatchObject({ status: 'Allowed' });
  expect(buy(cloud, id, {}).status).toBe(201);
  commerceOf(cloud.world).customers.get(id)!.account.state = 'NotAllowed';
  expect(buy(cloud, id, {})).toMatchObject({ status: 403, json: { code: 800075 } });
});

it('consents to an application once, after the access assignment is active', () => {
  const cloud = testCloud();
  const url = `/v1/customers/${buyer(cloud)}/applicationconsents`;
  const body = {
    applicationId: '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60',
    applicationGrants: [
      {
        enterpriseApplicationId: '00000003-0000-0000-c000-000000000000',
        scope: 'Directory.Read.All',
      },
    ],
  };
  expect(cloud.send('POST', url, body)).toMatchObject({ status: 403, json: { code: 900308 } });
  cloud.directory.roles.add(ROLES.directoryReaders);
  expect(cloud.send('POST', url, body).status).toBe(403);
  cloud.directory.roles.add(ROLES.cloudApplicationAdministrator);
  expect(cloud.send('POST', url, body).status).toBe(201);
  expect(cloud.send('POST', url, body).status).toBe(409);
  expect(cloud.send('POST', url, { applicationId: 'x' }).status).toBe(400);
});

it('qualifies for education with a segment, for government with a code', () => {
  const cloud = testCloud();
  const url = `/v1/customers/${buyer(cloud)}/qualifications`;
  const statusOf = (body: Readonly<Record<string, string>>) => cloud.send('POST', url, body).status;
  expect(statusOf({ qualification: 'Education' })).toBe(400);
  expect(statusOf({ qualification: 'Education', educationSegment: 'K12' })).toBe(201);
  expect(statusOf({ qualification: 'GovernmentCommunityCloud' })).toBe(400);
  const code = { qualification: 'GovernmentCommunityCloud', validationCode: '123456' };
  expect(statusOf(code)).toBe(201);
  expect(statusOf({ qualification: 'Nonprofit' })).toBe(400);
  expect(cloud.send('GET', url).body).toMatchObject([
    { qualification: 'Education', vettingStatus: 'InReview' },
    { qualification: 'GovernmentCommunityCloud' },
  ]);
});
