/** The pages about the stage itself: journal, violations, faults, clock. */
import type { ClockMoves } from '../clock-moves.ts';
import { FAULT_KINDS, type FaultKind } from '../faults/fault.ts';
import { ENTRY_KINDS, type JournalEntry } from '../journal.ts';
import { SERVICES } from '../services.ts';
import type { World } from '../world.ts';
import { type Content, html } from './html.ts';
import { button, choice, field, form, table, timeOf } from './parts.ts';

const ENTRIES_MAX = 200;
const ANY = ['', 'any'] as const;
const same = (names: readonly string[]) => [ANY, ...names.map((name) => [name, name] as const)];

export function journalContent(world: World, query: URLSearchParams): Content {
  const wanted = (name: string) => query.get(name) ?? '';
  const holds = (entry: JournalEntry): boolean =>
    ['', entry.service].includes(wanted('service')) &&
    ['', entry.kind].includes(wanted('kind')) &&
    ['', entry.tenantId].includes(wanted('tenant')) &&
    (wanted('status') === '' || String(entry.status).startsWith(wanted('status'))) &&
    entry.path.includes(wanted('path'));
  const fitting = world.rooms.journal.since(0).entries.filter(holds);
  const rows = fitting.slice(-ENTRIES_MAX).toReversed().map(journalRow);
  const heads = ['Entry', 'At', 'Kind', 'Service', 'Request', 'Answer', 'Who', 'ms'];
  return [
    html`<form method="get" action="/page/journal" aria-label="Filter">
${choice('filter', { name: 'service', label: 'Service', options: same(SERVICES), chosen: wanted('service') })}
${choice('filter', { name: 'kind', label: 'Kind', options: same(ENTRY_KINDS), chosen: wanted('kind') })}
${field('filter', { name: 'status', label: 'Status', value: wanted('status'), hint: '404, or 5 for all 5xx' })}
${field('filter', { name: 'path', label: 'Path contains', value: wanted('path') })}
${field('filter', { name: 'tenant', label: 'Tenant', value: wanted('tenant') })}
${button('Filter')}</form>`,
    html`<p>${fitting.length} entries${fitting.length > ENTRIES_MAX ? `, the last ${ENTRIES_MAX}` : ''}, the newest first.</p>`,
    table('Requests', heads, rows),
  ];
}

function journalRow(entry: JournalEntry): Content[] {
  const { seq, kind, service, method, path, query, status, errorCode, fault, upn, appId } = entry;
  return [
    seq,
    timeOf(Date.parse(entry.at)),
    entry.parent === undefined ? kind : `${kind} of ${entry.parent}`,
    service,
    `${method} ${path}${query === '' ? '' : `?${query}`}`,
    [status, errorCode, fault && `fault: ${fault}`].filter(Boolean).join(' '),
    upn ?? appId,
    entry.tookMs?.toFixed(1),
  ];
}

export function violationsContent({ rooms }: World): Content {
  const { violations } = rooms;
  const rows = violations
    .list()
    .toReversed()
    .map(({ rule, seq, at, method, path, what, appId }) => [
      rule,
      what,
      `${method} ${path}`,
      seq,
      timeOf(Date.parse(at)),
      appId,
    ]);
  const rules = Object.entries(violations.rules());
  return [
    html`<p>What a careful client never does: ${violations.total()} times.</p>`,
    table('Violations', ['Rule', 'What', 'Request', 'Entry', 'At', 'Client'], rows),
    table('Rules', ['Rule', 'A careful client'], rules),
    form('/page/violations', 'Empty the list', button('Empty the list')),
  ];
}

export function faultsContent({ rooms }: World): Content {
  const rows = rooms.faults
    .list()
    .map(({ id, struck, kind, ...rest }) => [
      kind,
      JSON.stringify(rest),
      struck,
      form(`/page/faults/${id}/remove`, `Turn off fault ${id}`, button(`Turn off ${id}`)),
    ]);
  const kinds = Object.keys(FAULT_KINDS) as FaultKind[];
  const options = kinds.map((kind) => [kind, `${kind}: ${FAULT_KINDS[kind]}`] as const);
  const number = 'number' as const;
  const fields = [
    { name: 'method', label: 'Method', hint: 'GET, POST …; empty: any' },
    { name: 'path', label: 'Path', hint: 'regular expression; empty: any' },
    { name: 'tenantId', label: 'Tenant', hint: 'empty: any' },
    { name: 'times', label: 'How often', type: number, hint: 'empty: until it is turned off' },
    { name: 'probability', label: 'Chance', type: number, hint: '0 to 1; empty: always' },
    { name: 'status', label: 'Status', type: number, hint: 'of kind status' },
    { name: 'delayMs', label: 'Delay in ms', type: number, hint: 'of kinds delay and slow' },
  ];
  return [
    table('Faults that are on', ['Kind', 'Strikes', 'Struck', 'Turn off'], rows),
    html`<h2>Turn a fault on</h2>`,
    form('/page/faults', 'Turn a fault on', [
      choice('fault', { name: 'kind', label: 'Kind', options }),
      choice('fault', { name: 'service', label: 'Service', options: same(SERVICES) }),
      fields.map((each) => field('fault', each)),
      button('Turn the fault on'),
    ]),
  ];
}

const STEPS = [
  ['PT1H', 'An hour'],
  ['P1D', 'A day'],
  ['P7D', 'A week'],
  ['P1M', 'A month'],
  ['P1Y', 'A year'],
] as const;

export function clockContent(world: World, moves: ClockMoves): Content {
  const { moving } = moves.state();
  const nowIso = new Date(world.clock.nowMs()).toISOString();
  return [
    html`<p>It is ${timeOf(world.clock.nowMs())} UTC. What is due on the way happens in its order.</p>`,
    moving &&
      html`<p role="status">On the way to ${moving.to}: ${Math.round(moving.done * 100)} %.</p>`,
    html`<h2>Move it on</h2><div class="row">${STEPS.map(([advance, text]) =>
      form('/page/clock', text, [
        html`<input type="hidden" name="advance" value="${advance}">`,
        button(text),
      ]),
    )}</div>`,
    html`<h2>Move it to a moment</h2>`,
    form('/page/clock', 'Move it to a moment', [
      field('clock', {
        name: 'to',
        label: 'Moment',
        value: nowIso,
        hint: 'ISO 8601, like 2027-01-01T00:00:00Z',
      }),
      button('Move the clock'),
    ]),
  ];
}
