/** A pool in figures, for dashboards and alerts. Pure. */
import type { LicensePool } from '../../core/objects.ts';
import type { Figure, Figures } from '../../core/plan.ts';

export const poolFigures: Figures<LicensePool> = {
  gauges: [
    { name: 'm365_pool_seats', help: 'Seats of a pool by state', labels: ['state'] },
    {
      name: 'm365_pool_money_minor_units',
      help: 'Money of a pool in minor units: cost, revenue and margin a month; what waits to go and what is owed in all',
      labels: ['what', 'currency'],
    },
    {
      name: 'm365_pool_margin_percent',
      help: 'Margin of a pool in percent of its revenue; absent while a price is not known',
    },
    {
      name: 'm365_pool_plan_lines',
      help: 'Lines of the seat plan by action and state (Due, Held, Set)',
      labels: ['action', 'state'],
    },
    {
      name: 'm365_pool_window_closes_timestamp_seconds',
      help: 'When the first window closes in which idle seats can be given back',
    },
    { name: 'm365_pool_renewal_timestamp_seconds', help: 'When the next term of a pool ends' },
  ],
  of: (pool) => [...seatFigures(pool), ...moneyFigures(pool), ...planFigures(pool)],
};

function seatFigures({ status }: LicensePool): readonly Figure[] {
  const {
    bought,
    available,
    assigned,
    reserved,
    idle,
    target,
    droppableNow = 0,
  } = status?.seats ?? {};
  const states = { bought, available, assigned, reserved, idle, target };
  const droppable = status?.seats === undefined ? {} : { droppable_now: droppableNow };
  return Object.entries({ ...states, ...droppable }).flatMap(([state, value]) =>
    value === undefined ? [] : [{ gauge: 'm365_pool_seats', labels: { state }, value }],
  );
}

function moneyFigures({ status }: LicensePool): readonly Figure[] {
  if (status?.money === undefined) return [];
  const { currency, cost, revenue, margin, waiting, committed, marginPercent } = status.money;
  const amounts = { cost, revenue, margin, waiting, committed };
  const gauge = 'm365_pool_money_minor_units';
  return [
    ...Object.entries(amounts).flatMap(([what, value]) =>
      value === undefined ? [] : [{ gauge, labels: { what, currency }, value }],
    ),
    ...(marginPercent === undefined
      ? []
      : [{ gauge: 'm365_pool_margin_percent', value: Number(marginPercent) }]),
  ];
}

function planFigures({ status }: LicensePool): readonly Figure[] {
  const lines = status?.plan?.lines ?? [];
  const counts = new Map<string, number>();
  for (const { action, state } of lines) {
    const key = `${action} ${state}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const closing = lines
    .filter(({ action }) => action === 'Decrease' || action === 'Cancel')
    .flatMap(({ deadline }) => deadline ?? [])
    .toSorted()[0];
  return [
    ...[...counts].map(([key, value]) => {
      const [action = '', state = ''] = key.split(' ');
      return { gauge: 'm365_pool_plan_lines', labels: { action, state }, value };
    }),
    ...moment('m365_pool_window_closes_timestamp_seconds', closing),
    ...moment('m365_pool_renewal_timestamp_seconds', status?.commitmentEndTime),
  ];
}

function moment(gauge: string, time: string | undefined): readonly Figure[] {
  return time === undefined ? [] : [{ gauge, value: Date.parse(time) / 1000 }];
}
