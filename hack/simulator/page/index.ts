/** The web page of the simulator, on its control port: plain pages and forms, for people who rehearse. */
import { z } from 'zod';
import { requireTenant } from '../actors/perform.ts';
import type { ClockMoves } from '../clock-moves.ts';
import type { Routes } from '../control-route.ts';
import type { Portals } from '../portal.ts';
import type { ApiRequest, ApiResponse } from '../world.ts';
import { customerContent, customersContent } from './customers.ts';
import {
  changeSeats,
  changeUser,
  type FormData,
  moveClock,
  turnFaultOff,
  turnFaultOn,
} from './deeds.ts';
import { type Page, page } from './layout.ts';
import { clockContent, faultsContent, journalContent, violationsContent } from './stage.ts';

interface Context extends Portals {
  readonly moves: ClockMoves;
}

/** A page by its path below `/page`; undefined: there is none. */
function pageAt(context: Context, path: string, query = new URLSearchParams()): Page | undefined {
  const { world, moves } = context;
  const [section = '', id = ''] = path.split('/');
  if (section === 'customers') {
    const directory = requireTenant(world, id);
    return { title: directory.displayName, path: '/', content: customerContent(world, directory) };
  }
  const contents: Readonly<Record<string, () => Pick<Page, 'title' | 'content'>>> = {
    '': () => ({ title: 'Customers', content: customersContent(world) }),
    journal: () => ({ title: 'Journal', content: journalContent(world, query) }),
    violations: () => ({ title: 'Violations', content: violationsContent(world) }),
    faults: () => ({ title: 'Faults', content: faultsContent(world) }),
    clock: () => ({ title: 'Clock', content: clockContent(world, moves) }),
  };
  const found = contents[section]?.();
  return found && { ...found, path: section === '' ? '/' : `/page/${section}` };
}

/** What the form at this path does; undefined: there is none. */
function deedAt(
  context: Context,
  path: string,
): ((form: FormData) => string | Promise<string>) | undefined {
  const [section = '', id = '', what = ''] = path.split('/');
  const { violations } = context.world.rooms;
  const deeds: Readonly<Record<string, (form: FormData) => string | Promise<string>>> = {
    'customers users': (form) => changeUser(context, id, form),
    'customers seats': (form) => changeSeats(context, id, form),
    'faults ': (form) => turnFaultOn(context, form),
    'faults remove': () => turnFaultOff(context, id),
    'clock ': (form) => moveClock(context.moves, form),
    'violations ': () => {
      violations.clear();
      return 'The list is empty.';
    },
  };
  return deeds[`${section} ${what}`];
}

export function pageRoutes(context: Context): Routes {
  const told = new Told();
  const show = (request: ApiRequest, path: string): ApiResponse => {
    const { message, found } = lookUp(context, path, request.query);
    if (!found) return page(context.world, { ...NOTHING, message });
    return page(context.world, { ...found, message: told.find(request.query.get('told')) });
  };
  return {
    'GET ': (request) => show(request, ''),
    'GET page': show,
    'POST page': async (request, path) => {
      const deed = isFromHere(request) ? deedAt(context, path) : undefined;
      if (!deed) return page(context.world, isFromHere(request) ? NOTHING : FOREIGN);
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
      const { message, isDone } = await attempt(() => deed(form));
      if (isDone)
        return { status: 303, headers: { location: told.place(pathAfter(path), message) } };
      const back = lookUp(context, path, new URLSearchParams()).found ?? NOTHING;
      return page(context.world, { ...back, message, status: 400 });
    },
  };
}

const TOLD_MAX = 100;

/** What came of a form, until the next page shows it: so reloading that page does nothing again. */
class Told {
  private readonly messages = new Map<string, string>();
  private count = 0;

  /** @returns the address of the page that shows it */
  place(path: string, message: string): string {
    this.count += 1;
    const id = String(this.count);
    this.messages.set(id, message);
    const [oldest] = this.messages.keys();
    if (this.messages.size > TOLD_MAX && oldest !== undefined) this.messages.delete(oldest);
    return `${path}?told=${id}`;
  }

  find(id: string | null): string | undefined {
    return this.messages.get(id ?? '');
  }
}

/** The page to which the form belongs. */
function pathAfter(path: string): string {
  const [section = '', id = ''] = path.split('/');
  return section === 'customers' ? `/page/customers/${id}` : `/page/${section}`;
}

const NOTHING: Page = {
  title: 'Not found',
  path: '',
  content: undefined,
  message: 'There is no such page.',
  status: 404,
};
const FOREIGN: Page = {
  title: 'Refused',
  path: '',
  content: undefined,
  message: 'This form was sent by another page.',
  status: 403,
};

function lookUp(context: Context, path: string, query: URLSearchParams) {
  try {
    return { found: pageAt(context, path, query), message: NOTHING.message };
  } catch (error) {
    return { found: undefined, message: reasonOf(error) };
  }
}

/** Browsers say where a form comes from; what says nothing is no browser, and has the control calls. */
function isFromHere({ headers, origin }: ApiRequest): boolean {
  const site = headers['sec-fetch-site'];
  return headers['origin'] === origin && (site === undefined || site === 'same-origin');
}

async function attempt(
  deed: () => string | Promise<string>,
): Promise<{ readonly message: string; readonly isDone: boolean }> {
  try {
    return { message: await deed(), isDone: true };
  } catch (error) {
    return { message: reasonOf(error), isDone: false };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}
