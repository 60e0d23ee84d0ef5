/** A pool in figures, for dashboards and alerts (charts/m365-operator/dashboards, alerts). Pure. */
import type { LicensePool } from '../../core/objects.ts';
import type { Figure, Figures } from '../../core/plan.ts';
import { countedOf, poolCounters } from '../seat-counts.ts';
import { findingTypes } from './findings.ts';
import { harvestFindingTypes } from './harvest-findings.ts';

export const poolFigures: Figures<LicensePool> = {
  identity: {
    labels: ['connection', 'tenant', 'sku'],
    of: ({ spec, status }) => ({
      connection: status?.connection ?? '',
      tenant: spec.tenantRef.name,
      sku: status?.skuPartNumber ?? '',
    }),
  },
  gauges: [
    { name: 'm365_pool_seats', help: 'Seats of a pool by state', labels: ['state'] },
    {
      name: 'm365_pool_money_minor_units',
      help: 'Money of a pool in minor units: cost, revenue, margin and what idle seats cost, each a month; what waits to go and what is committed, in all',
      labels: ['what', 'currency'],
    },
    {
      name: 'm365_pool_margin_basis_points',
      help: 'Margin of a pool of its revenue (2000: 20 %); absent while a price is not known',
    },
    {
      name: 'm365_pool_margin_floor_basis_points',
      help: 'Margin below which the buffer does not take a pool; absent where none is declared',
    },
    {
      name: 'm365_pool_plan_lines',
      help: 'Lines of the seat plan by action, state (Due, Held, Set) and what holds them',
      labels: ['action', 'state', 'held'],
    },
    {
      name: 'm365_pool_finding',
      help: '1 while the pool has the finding: a condition that people are told of',
      labels: ['finding'],
    },
    {
      name: 'm365_pool_window_closes_timestamp_seconds',
      help: 'When the first window closes in which idle seats can be given back',
    },
    {
      name: 'm365_pool_unused_licenses',
      help: 'Licences that people hold and seem not to need; absent where nobody looks for them (harvest)',
    },
    { name: 'm365_pool_renewal_timestamp_seconds', help: 'When the next term of a pool ends' },
    {
      name: 'm365_pool_changed_outside_timestamp_seconds',
      help: 'When others last changed a subscription of a pool',
    },
  ],
  counters: poolCounters,
  lastLook: {
    name: 'm365_pool_last_run_timestamp_seconds',
    help: 'When a pool was last looked at to the end',
  },
  of: (pool) => [
    ...seatFigures(pool),
    ...moneyFigures(pool),
    ...planFigures(pool),
    ...findingFigures(pool),
    ...harvestFigures(pool),
  ],
  counted: countedOf,
};

function seatFigures({ status }: LicensePool): readonly Figure[] {
  if (status?.seats === undefined) return [];
  const { bought, available, assigned, reserved, idle, target } = status.seats;
  const { droppableNow = 0, stuck = 0 } = status.seats;
  const states = { bought, available, assigned, reserved, idle, target, stuck };
  return Object.entries({ ...states, droppable_now: droppableNow }).map(([state, value]) => ({
    metric: 'm365_pool_seats',
    labels: { state },
    value,
  }));
}

function moneyFigures({ status }: LicensePool): readonly Figure[] {
  if (status?.money === undefined) return [];
  const { currency, cost, revenue, margin, idle, waiting, committed } = status.money;
  const { marginPercent, floorPercent } = status.money;
  const amounts = { cost, revenue, margin, idle, waiting, committed };
  return [
    ...Object.entries(amounts).flatMap(([what, value]) =>
      known('m365_pool_money_minor_units', value, { what, currency }),
    ),
    ...known('m365_pool_margin_basis_points', basisPoints(marginPercent)),
    ...known('m365_pool_margin_floor_basis_points', basisPoints(floorPercent)),
  ];
}

/** Of percent, which status has as text where it has decimals. */
function basisPoints(percent: string | number | undefined): number | undefined {
  return percent === undefined ? undefined : Math.round(Number(percent) * 100);
}

function known(
  metric: string,
  value: number | undefined,
  labels: Readonly<Record<string, string>> = {},
): readonly Figure[] {
  return value === undefined ? [] : [{ metric, labels, value }];
}

function planFigures({ status }: LicensePool): readonly Figure[] {
  const lines = status?.plan?.lines ?? [];
  const alike = Map.groupBy(lines, ({ action, state, heldBy = '' }) =>
    [action, state, heldBy].join(' '),
  );
  const closing = lines
    .filter(({ action }) => action === 'Decrease' || action === 'Cancel')
    .flatMap(({ deadline }) => deadline ?? [])
    .toSorted()[0];
  return [
    ...[...alike.values()].flatMap(([first, ...others]) => {
      if (first === undefined) return [];
      const { action, state, heldBy: held = '' } = first;
      return known('m365_pool_plan_lines', 1 + others.length, { action, state, held });
    }),
    ...moment('m365_pool_window_closes_timestamp_seconds', closing),
    ...moment('m365_pool_renewal_timestamp_seconds', status?.commitmentEndTime),
    ...moment('m365_pool_changed_outside_timestamp_seconds', status?.lastOutsideChange?.at),
  ];
}

function findingFigures({ status }: LicensePool): readonly Figure[] {
  const conditions = status?.conditions ?? [];
  return [...findingTypes, ...harvestFindingTypes]
    .filter((type) => conditions.some((one) => one.type === type && one.status === 'True'))
    .map((finding) => ({ metric: 'm365_pool_finding', labels: { finding }, value: 1 }));
}

function harvestFigures({ status }: LicensePool): readonly Figure[] {
  const value = status?.harvest?.count;
  return value === undefined ? [] : [{ metric: 'm365_pool_unused_licenses', value }];
}

function moment(metric: string, time: string | undefined): readonly Figure[] {
  return time === undefined ? [] : [{ metric, value: Date.parse(time) / 1000 }];
}
