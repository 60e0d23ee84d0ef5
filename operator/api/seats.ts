/** Seats, plan and money as they stand in the status of a LicensePool. */
import * as z from 'zod';
import { dateTime } from './common.ts';
import { atomic, count, keyedBy, text } from './define.ts';

const minor = (description: string) => z.int().describe(`${description}, in minor units.`);

/** As much as status takes; `core/seats/plan.ts` gives no more. */
export const linesMax = 20;
export const changesMax = 50;

const intent = z
  .object({
    requestId: z.string().max(36).describe('MS-RequestId of the purchase.'),
    quantity: count('Seats to buy.', 1),
    offer: text('Offer of the catalogue that is bought.', 63).optional(),
    endsOn: dateTime('End with which the new subscription is to be aligned.').optional(),
    cartId: z
      .string()
      .max(36)
      .optional()
      .describe('Cart, once it exists: checked out by this id, never twice.'),
    orderId: z.string().max(36).optional().describe('Order, once checked out.'),
  })
  .optional()
  .describe('A purchase, written before it is made.');

const seats = z
  .object({
    bought: count('Seats bought, of every active subscription.'),
    available: count('Seats that have arrived in the directory.'),
    assigned: count('Seats in use, by anyone.'),
    reserved: count('Seats that declared users wait for.'),
    idle: count('Seats bought and neither assigned nor reserved.'),
    target: count('Seats there should be.'),
    droppableNow: count('Idle seats that Microsoft takes back at this moment.').optional(),
    nextDrop: z
      .object({
        at: dateTime('When.'),
        quantity: count('Seats.'),
      })
      .optional()
      .describe('The next time at which idle seats can go.'),
    stuck: count(
      'Idle seats that never go by themselves: minimum of a subscription, trial, bought by others.',
    ).optional(),
  })
  .optional()
  .describe('Seats by state.');

/** As `core/seats/hold.ts` has them, which says when. */
const holdReasons = [
  'ModeObserve',
  'ModePlan',
  'ApprovalNeeded',
  'ApprovalExpired',
  'ApprovalOfOtherPlan',
  'ApprovalUsed',
  'AccountUnderReview',
  'PriceUnknown',
  'GuardrailHeld',
  'PlanOnly',
  'PrerequisiteMissing',
  'PoolEnds',
  'ConfirmationNeeded',
  'Locked',
  'AfterSeatChange',
  'Later',
] as const;

const Line = z.object({
  action: z
    .enum([
      'Purchase',
      'Increase',
      'Decrease',
      'Cancel',
      'SetEndOfTerm',
      'ScheduleDecrease',
      'ScheduleIncrease',
      'Reissue',
    ])
    .describe('What.'),
  state: z
    .enum(['Due', 'Held', 'Set'])
    .describe('Due: being done. Held: see held. Set: done, the seats go at effective.'),
  quantity: count('Seats by which it changes.'),
  subscriptionId: z.string().max(36).optional().describe('Of which subscription.'),
  offer: z.string().max(63).optional().describe('What is bought.'),
  to: count('Seats that the subscription has afterwards.'),
  effective: dateTime('When the seats come or go.').optional(),
  deadline: dateTime('After it Microsoft does not take it any more.').optional(),
  reason: z.string().max(256).describe('Why.'),
  saving: minor('What it saves a month; negative: it costs').optional(),
  lostUntilThen: minor('What its idle seats cost until they go').optional(),
  held: z.string().max(512).optional().describe('Why it is not done, and what to do.'),
  heldBy: z.enum(holdReasons).optional().describe('The same in a word.'),
  ticket: z
    .string()
    .max(1024)
    .optional()
    .describe('What to ask of whoever may change seats that others bought.'),
});

const plan = z
  .object({
    action: z
      .enum(['None', ...Line.shape.action.options])
      .describe('The first of lines that is not set yet.'),
    quantity: count('Seats by which it changes.'),
    costPerMonth: minor('What it costs (or saves, negative) a month').optional(),
    hash: z
      .string()
      .max(16)
      .describe('Names this plan in the annotation m365-operator.io/approve.'),
    held: z.string().max(1024).optional().describe('Why it is not done, in a sentence.'),
    lines: z
      .array(Line)
      .max(linesMax)
      .optional()
      .meta({ ...atomic, description: 'What is to be done now and when, in this order.' }),
    omitted: count('Lines that found no room.').optional(),
  })
  .optional()
  .describe('The seat plan.');

const pending = z
  .object({
    subscriptionId: z.string().max(36).describe('Subscription.'),
    quantity: count('Seats that it is to have.'),
    since: dateTime('When it was sent.'),
  })
  .optional()
  .describe('A change of seats that Microsoft has taken and that does not show yet.');

const approval = z
  .object({
    hash: z.string().max(16).describe('Hash that the annotation named.'),
    at: dateTime('When it was seen.'),
    by: z.string().max(253).optional().describe('Who set it, where the cluster tells.'),
    expires: dateTime('From then on it does not count.'),
    lines: z
      .array(z.string().max(16))
      .max(40)
      .meta({ ...atomic, description: 'What of the plan was approved and is not done yet.' }),
  })
  .optional()
  .describe('The last approval.');

const Issued = z.object({
  subscriptionId: z.string().max(36).describe('Subscription.'),
  quantity: count('Seats of the next term.'),
  termEnd: dateTime('End of the term that it was set for.'),
  fewer: count('Seats that the renewal leaves out.').optional(),
});

const Change = z.object({
  at: dateTime('When.'),
  seats: z.int().describe('Seats by which it changed; negative: given back.'),
});

const money = z
  .object({
    currency: z.string().max(3).describe('ISO 4217 currency.'),
    cost: minor('Cost a month').optional(),
    revenue: minor('What the assigned seats bring a month').optional(),
    margin: minor('Revenue less cost').optional(),
    marginPercent: z.string().max(10).optional().describe('Margin in percent of the revenue.'),
    floorPercent: z.int().optional().describe('The floor that the buffer keeps.'),
    breakEvenSeats: z.string().max(12).optional().describe('Idle seats at which nothing is left.'),
    idle: minor('What idle seats cost a month, the dearest first').optional(),
    waiting: minor('What idle seats will cost until they go').optional(),
    committed: minor('What is owed to the ends of all terms').optional(),
  })
  .optional()
  .describe('What the pool costs and brings. A figure that needs an unknown price is left out.');

const lastOutsideChange = z
  .object({
    at: dateTime('When.'),
    by: z.string().max(253).describe('Person or application.'),
    subscriptionId: z.string().max(36).describe('Of which subscription.'),
    seats: z
      .int()
      .optional()
      .describe('Seats by which it changed, negative: given back. Unset: the log does not say.'),
  })
  .optional()
  .describe(
    'The last change of a subscription by others, as the activity log of Partner Center has it.',
  );

export const seatStatus = {
  connection: z
    .string()
    .max(127)
    .optional()
    .describe('PartnerConnection through which seats are bought, as namespace/name.'),
  skuPartNumber: z.string().max(100).optional().describe('Part number of the SKU, e.g. SPB.'),
  subscriptionId: z
    .string()
    .max(36)
    .optional()
    .describe('Subscription at Partner Center that the pool buys seats of.'),
  skuId: z.string().max(36).optional().describe('SKU id in Entra.'),
  intent,
  seats,
  plan,
  pending,
  approval,
  issued: z
    .array(Issued)
    .max(linesMax)
    .optional()
    .meta({
      ...keyedBy('subscriptionId'),
      description: 'Renewals whose seats were set and read back: one that is missing was lost.',
    }),
  changes: z
    .array(Change)
    .max(changesMax)
    .optional()
    .meta({ ...atomic, description: 'Our changes of seats within 30 days, for the guardrails.' }),
  money,
  lastOutsideChange,
  explanation: z.string().max(1024).optional().describe('The seat count in one sentence.'),
  commitmentEndTime: dateTime('End of the next term that ends, inclusive.').optional(),
};
