/** Which segments a customer qualifies for (partner-center.md 3.6). */
import type { ApiResponse } from '../../world.ts';
import { invalidInput } from '../faults.ts';
import { readBody, requireText, text } from '../request-body.ts';
import type { Exchange } from '../routing.ts';
import { requireCustomer } from './customers.ts';

const SETTABLE = new Set(['Education', 'GovernmentCommunityCloud', 'StateOwnedEntity']);

export function listQualifications(exchange: Exchange): ApiResponse {
  const { qualifications } = requireCustomer(exchange);
  return {
    status: 200,
    body:
      qualifications.length === 0
        ? [{ qualification: 'None' }]
        : qualifications.map(({ createdMs, ...members }) => ({
            ...members,
            vettingCreatedDate: new Date(createdMs).toISOString(),
          })),
  };
}

export function addQualification(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const body = readBody(exchange.request.body, 'CustomerQualificationRequest');
  const asked = requireText(body, 'qualification');
  const qualification = [...SETTABLE].find((name) => name.toLowerCase() === asked.toLowerCase());
  if (qualification === undefined) {
    throw invalidInput(`Qualification '${asked}' cannot be set.`);
  }
  if (qualification === 'GovernmentCommunityCloud') {
    requireText(body, 'validationCode');
  }
  const segment = text(body, 'educationSegment');
  if (qualification === 'Education' && !['K12', 'HigherEducation'].includes(segment ?? '')) {
    throw invalidInput("Member 'educationSegment' must be K12 or HigherEducation.");
  }
  const createdMs = exchange.world.clock.nowMs();
  customer.qualifications.push({ qualification, vettingStatus: 'InReview', createdMs });
  return {
    status: 201,
    body: {
      qualification,
      vettingStatus: 'InReview',
      vettingCreateDate: new Date(createdMs).toISOString(),
    },
  };
}
