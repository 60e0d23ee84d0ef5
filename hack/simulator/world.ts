/**
 * What the simulated services share. The server (TLS, tokens, faults, journal) hands an `ApiRequest` to one service;
 * the services change the `World` and never call each other over HTTP.
 */
import type { Actors } from './actors/room.ts';
import type { CommerceRoom } from './commerce/state.ts';
import type { Directory } from './directory/directory.ts';
import type { Faults } from './faults/room.ts';
import type { ThrottleRoom } from './graph/throttle.ts';
import type { Journal } from './journal.ts';
import type { NotModelled } from './not-modelled.ts';
import type { Room } from './rooms.ts';
import type { Violations } from './violations/room.ts';

/** A kind of task, by a name that a saved world can carry. `Args` is plain JSON; one kind has one handler. */
export interface TaskKind<Args> {
  readonly name: string;
  /** Never set: it ties the type of the arguments to the kind. */
  readonly args?: Args;
}

export interface VirtualClock {
  /** Milliseconds since the epoch, in the simulated cloud. Runs with real time unless frozen, plus what was moved. */
  nowMs(): number;
  /** Moves on; everything scheduled on the way happens in order, each at its own time. @throws Error inside a task */
  advance(ms: number): void;
  /** As `advance`, to a moment, for about so many real milliseconds. @returns whether it is there */
  moveTowards(targetMs: number, realMs: number): boolean;
  /** Says what a task of this kind does; each room does so for its own when it is made. */
  on<Args>(kind: TaskKind<Args>, handler: (args: Args) => void): void;
  /** The task runs when the clock reaches `atMs` (real time passing or being moved). */
  schedule<Args>(atMs: number, kind: TaskKind<Args>, args: Args): void;
  /** As `schedule`, and at once where there is no delay. */
  after<Args>(delayMs: number, kind: TaskKind<Args>, args: Args): void;
}

/** Seeded, so that a run replays. */
export interface Random {
  next(): number;
  uuid(): string;
  hex(length: number): string;
}

/** A Cloud Solution Provider: its own Entra tenant is in `directories` under the same id. */
export interface Partner {
  readonly tenantId: string;
  readonly name: string;
  /** A name of the region table (partner-center.md 2.2), e.g. "Europe". */
  readonly region: string;
  readonly country: string;
  readonly currency: string;
  readonly mpnId: string;
  readonly environment: 'Production' | 'Sandbox';
  /** Apps registered in Partner Center (App management): only they may call it app-only. */
  readonly registeredAppIds: Set<string>;
}

export interface World {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** TXT records of the simulated DNS, by name in lower case. */
  readonly dns: Map<string, string[]>;
  /** Entra tenants by tenant id: those of partners and those of customers. */
  readonly directories: Map<string, Directory>;
  readonly partners: Map<string, Partner>;
  readonly settings: Settings;
  readonly rooms: Rooms;
}

/** All state of the world, by the room that keeps it; `dumpWorld` in rooms.ts saves exactly these. */
export type Rooms = {
  readonly clock: Room;
  readonly random: Room;
  readonly settings: Room;
  readonly directory: Room;
  readonly commerce: CommerceRoom;
  readonly throttle: ThrottleRoom;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly notModelled: NotModelled;
  readonly violations: Violations;
  readonly actors: Actors;
};

/** Delays and limits of the cloud; tests make them short or long. All in simulated milliseconds. */
export interface Settings {
  /** From customer creation until Graph and login know the tenant. */
  tenantDelayMs: number;
  /** From customer creation until the account is `Allowed` instead of `UnderReview`. */
  accountReviewMs: number;
  /** From checkout until the subscription exists and its seats are in the directory. */
  provisioningDelayMs: number;
  /** How long reads may lag behind writes in the directory (by-key reads; lists and delta lag twice as long). */
  replicationLagMs: number;
  /** From the change until it stands in the directory audit log. */
  auditDelayMs: number;
  /** Published limits are multiplied by this; Infinity switches throttling off. */
  throttleFactor: number;
  /** Added to every answer, in real milliseconds. */
  latencyMs: number;
  /** From the request until a GDAP relationship or access assignment reaches its next state. */
  delegationDelayMs: number;
  /** From a change of a group's licences or members until group-based licensing has worked through it. */
  groupLicenseDelayMs: number;
  /** From a forced removal of a domain until it is gone. */
  domainRemovalDelayMs: number;
  /** How long an assignLicense keeps others for the same user out (409). */
  licenseSettleMs: number;
  /** 0 to 1: how often a delta round delivers the changes of the round before again. */
  deltaReplayRate: number;
  /** 0 to 1: how many objects of a delta round come twice in it. */
  deltaRepeatRate: number;
  /** Until a new customer stands in the partner's list. */
  customerListLagMs: number;
  /** Until a new order stands in the list, at most: each has a lag of its own. */
  orderListLagMs: number;
  /** From a change of a subscription until the directory has its seats. */
  seatsDelayMs: number;
  /** From a change until its webhook event is sent; the real one can take 48 hours. */
  webhookDelayMs: number;
  /** How long a renewal keeps updates of its subscription out (409); the real queue takes up to 24 hours. */
  renewalMs: number;
}

/** Who calls, as the verified token says. */
export interface Caller {
  /** `tid`: the tenant that issued the token. */
  readonly tenantId: string;
  readonly appId: string;
  readonly audience: string;
  readonly kind: 'app' | 'user';
  readonly userId?: string;
  readonly userPrincipalName?: string;
  /** App roles by name (`roles`). */
  readonly roles: readonly string[];
  /** Delegated scopes (`scp`). */
  readonly scopes: readonly string[];
  /** `amr` holds `mfa`. */
  readonly mfa: boolean;
  /** A person at a portal (foreign actor): has every right in the tenant. */
  readonly portal?: boolean;
  /** Entra roles (template ids) at the time the token was issued (`wids`). */
  readonly roleTemplateIds?: readonly string[];
  /** The tenant that holds the user's account; differs from `tenantId` for delegated administrators. */
  readonly homeTenantId?: string;
}

export interface ApiRequest {
  /** `https://host:port` as the client addressed it, for links in answers. Set by the server. */
  readonly origin?: string;
  readonly method: string;
  /** Without the query, percent-decoded per segment by the service. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined where there is no body. */
  readonly body: unknown;
  /** Undefined where the token is missing or not valid; `tokenError` says why. */
  readonly caller: Caller | undefined;
  readonly tokenError?: 'missing' | 'malformed' | 'expired' | 'audience' | undefined;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it is; a generator of texts; anything else as JSON. */
  readonly body?: unknown;
  /** The answer has to wait for somebody outside; the server sends what this becomes. */
  readonly pending?: Promise<ApiResponse>;
  /** The requests that a batch was made of, in order: for those who watch, never sent. */
  readonly parts?: readonly Part[];
  /** The kind of the fault that made it so: for those who watch, never sent. */
  readonly struckBy?: string;
}

export interface Part {
  readonly request: ApiRequest;
  readonly answer: ApiResponse;
}

export type Service = (request: ApiRequest) => ApiResponse;
