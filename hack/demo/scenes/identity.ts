/**
 * `npm run demo -- --scene identity`: a person joins, marries and moves on, and another leaves, whose seat the next one
 * gets. Every time is that of the directories themselves: a password that opens the domain, an account that Entra has.
 */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { LicensePool, M365User } from '../../../operator/core/objects.ts';
import { until } from '../../control-plane/processes.ts';
import type { DomainController } from '../../samba/index.ts';
import type { Stage } from '../../stage/index.ts';
import { conditionOf, isReady } from '../objects.ts';
import { type Audience, chapter, type Fact, type Scene, tellFacts } from '../scene.ts';
import { applyQuickstart, convergence, domain, peopleOf, seatsOf } from '../story.ts';
import { type CloudUser, canSignIn, type DirectoryAccount, directoryAccounts } from '../truth.ts';

const settings = {
  tenantDelayMs: 500,
  accountReviewMs: 500,
  provisioningDelayMs: 500,
  delegationDelayMs: 500,
  replicationLagMs: 300,
};

export const identity: Scene = {
  tells: 'a person joins, is renamed, and another leaves: in both directories, with times',
  stage: { simulator: { settings } },
  play: async (stage, audience, atTheEnd) => {
    const operator = await stage.startOperator({ pollSeconds: 1 });
    try {
      await operator.ready();
      chapter(audience, 'Contoso works: examples/quickstart is applied');
      await applyQuickstart(stage);
      await convergence(stage, audience);
      const facts = await playIdentity(stage, audience);
      chapter(audience, 'Is it true?');
      const areTrue = tellFacts(audience, facts);
      await atTheEnd();
      return areTrue;
    } finally {
      await operator.stop();
    }
  },
};

const namespace = 'contoso';
const offer = 'business-premium';
const patience = { timeoutMs: 60_000, everyMs: 50 };
const joinerGoalSeconds = 5;
const leaverGoalSeconds = 3;

/** With examples/quickstart in sync. @throws Error where this machine can have no Active Directory */
export async function playIdentity(stage: Stage, audience: Audience): Promise<readonly Fact[]> {
  const { directory } = stage;
  if (directory === undefined) throw new Error(stage.directoryNote);
  const office = new Office(stage, audience, directory);
  return [
    ...(await office.join()),
    ...(await office.rename()),
    ...(await office.leave()),
    {
      what: 'the operator did nothing that a careful client never does',
      isTrue: stage.simulator.violations.total() === 0,
    },
  ];
}

interface Both {
  readonly ad: DirectoryAccount | undefined;
  readonly entra: CloudUser | undefined;
}

class Office {
  readonly #stage: Stage;
  readonly #audience: Audience;
  readonly #directory: DomainController;

  constructor(stage: Stage, audience: Audience, directory: DomainController) {
    this.#stage = stage;
    this.#audience = audience;
    this.#directory = directory;
  }

  async join(): Promise<readonly Fact[]> {
    chapter(this.#audience, 'Nora joins: kubectl apply');
    const fromMs = Date.now();
    await this.#apply('nora', nora);
    const sinceApply = (what: string, holds: () => Promise<boolean>) =>
      this.#after(fromMs, what, holds);
    const [signedIn, licensed] = await Promise.all([
      sinceApply('Active Directory: her password opens the domain', () => this.#signsIn('nora')),
      sinceApply('Entra ID: her account is enabled and has a licence', async () => {
        const { entra } = await this.#both('nora');
        return entra?.accountEnabled === true && entra.assignedLicenses.length === 1;
      }),
      sinceApply('Ready', async () => isReady(await this.#person('nora'))),
    ]);
    const { ad, entra } = await this.#both('nora');
    const seconds = Math.max(signedIn, licensed);
    return [
      {
        what: `Nora could work in both directories in less than ${joinerGoalSeconds} s (${shown(seconds)})`,
        isTrue: seconds < joinerGoalSeconds,
      },
      {
        what: 'her account in Entra ID has the anchor of the one in Active Directory',
        isTrue: ad !== undefined && entra?.onPremisesImmutableId === ad.anchor,
      },
    ];
  }

  async rename(): Promise<readonly Fact[]> {
    chapter(this.#audience, 'Nora Berg becomes Nora Lind, and leads the engineers');
    const before = await this.#both('nora');
    const fromMs = Date.now();
    await this.#apply('nora', {
      ...nora,
      userPrincipalName: `nora.lind@${domain}`,
      surname: 'Lind',
      displayName: 'Nora Lind',
      jobTitle: 'Head of Engineering',
    });
    await this.#after(fromMs, 'both directories know her new name', async () => {
      const { ad, entra } = await this.#both('nora.lind');
      return ad !== undefined && entra !== undefined;
    });
    await this.#after(fromMs, 'Ready', async () => isReady(await this.#person('nora')));
    const after = await this.#both('nora.lind');
    return [
      {
        what: 'renamed, she is who she was: object ids, anchor, licence and groups are the same',
        isTrue: isDeepStrictEqual(lasting(after), lasting(before)),
      },
      {
        what: 'and her password opens the domain still',
        isTrue: await this.#signsIn('nora', 'nora.lind'),
      },
    ];
  }

  async leave(): Promise<readonly Fact[]> {
    await this.#withoutReserve();
    chapter(this.#audience, 'Paul leaves in three seconds, and Vera begins: there is no free seat');
    const seatsBefore = seatsOf(this.#stage);
    const leaveAtMs = Math.ceil(Date.now() / 1000) * 1000 + 3_000;
    const leaveAt = new Date(leaveAtMs).toISOString();
    const patch = JSON.stringify({ spec: { leaveAt, seatsOnLeave: 'Free' } });
    await this.#kubectl('patch', 'm365user', 'paul', '--type=merge', '-p', patch);
    await this.#apply('vera', vera);
    const blocked = await this.#after(leaveAtMs, 'both directories refuse Paul', async () => {
      const { ad, entra } = await this.#both('paul');
      return ad?.isEnabled === false && entra?.accountEnabled === false;
    });
    await this.#after(leaveAtMs, 'he is in no group and holds no licence', async () => {
      const { ad, entra } = await this.#both('paul');
      const groups = [...(ad?.groups ?? []), ...(entra?.memberOf ?? [])];
      return groups.length === 0 && entra?.assignedLicenses.length === 0;
    });
    await this.#after(leaveAtMs, 'Vera is Ready', async () => isReady(await this.#person('vera')));
    const retained = conditionOf(await this.#person('paul'), 'Retained');
    this.#audience.screen.say(`  Paul: ${retained?.message ?? ''}`);
    return [
      {
        what: `Paul was locked out of both directories in less than ${leaverGoalSeconds} s (${shown(blocked)})`,
        isTrue: blocked < leaverGoalSeconds,
      },
      { what: 'his accounts are kept', isTrue: retained?.status === 'True' },
      {
        what: `Vera has the seat that he freed: ${seatsBefore} seats as before`,
        isTrue:
          (await this.#both('vera')).entra?.assignedLicenses.length === 1 &&
          seatsOf(this.#stage) === seatsBefore,
      },
    ];
  }

  /** Waits, says after how many seconds it was so, and returns them. */
  async #after(fromMs: number, what: string, holds: () => Promise<boolean>): Promise<number> {
    await until(what, holds, patience);
    const seconds = (Date.now() - fromMs) / 1000;
    this.#audience.screen.say(`  ${shown(seconds).padStart(7)}  ${what}`);
    return seconds;
  }

  async #both(name: string): Promise<Both> {
    const wanted = `${name}@${domain}`;
    const accounts = await directoryAccounts(this.#directory);
    return {
      ad: accounts.find(({ userPrincipalName }) => userPrincipalName === wanted),
      entra: peopleOf(this.#stage).find((user) => user.userPrincipalName === wanted),
    };
  }

  /** With the password in the Secret of the object. */
  async #signsIn(object: string, name = object): Promise<boolean> {
    const secrets = await this.#stage.list<SecretObject>('secrets');
    const secret = secrets.find(({ metadata }) => metadata.name === `${object}-initial-password`);
    const password = Buffer.from(secret?.data?.['password'] ?? '', 'base64').toString();
    return password !== '' && canSignIn(this.#directory, `${name}@${domain}`, password);
  }

  async #person(name: string): Promise<M365User> {
    const users = await this.#stage.list<M365User>('m365users');
    const found = users.find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`there is no M365User ${name}`);
    return found;
  }

  /** A joiner waits for the seat of who leaves, and none is kept ready: nothing is bought for Vera. */
  async #withoutReserve(): Promise<void> {
    const patch = JSON.stringify({ spec: { seats: { buffer: null, waitForLeaversDays: 1 } } });
    await this.#kubectl('patch', 'licensepool', offer, '--type=merge', '-p', patch);
    await until('no seat in reserve', async () => (await this.#freeSeats()) === 0, patience);
  }

  async #freeSeats(): Promise<number> {
    const [pool] = await this.#stage.list<LicensePool>('licensepools');
    const { available = 0, assigned = 0 } = pool?.status?.seats ?? {};
    return available - assigned;
  }

  async #apply(name: string, given: object): Promise<void> {
    const apiVersion = 'm365-operator.io/v1alpha1';
    const manifest = { apiVersion, kind: 'M365User', metadata: { name, namespace }, spec: given };
    await this.#stage.apply(stringify(manifest));
  }

  async #kubectl(...args: readonly string[]): Promise<void> {
    await this.#stage.controlPlane.kubectl([...args, '-n', namespace]);
  }
}

function lasting({ ad, entra }: Both): object {
  const { id, onPremisesImmutableId, assignedLicenses, memberOf } = entra ?? {};
  const inDirectory = { anchor: ad?.anchor, groups: ad?.groups };
  return { id, onPremisesImmutableId, assignedLicenses, memberOf, ...inDirectory };
}

interface SecretObject {
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

const common = {
  tenantRef: { name: 'contoso' },
  usageLocation: 'DE',
  plan: 'standard',
  activeDirectory: { groups: ['desktop-users'] },
};

const nora = {
  ...common,
  userPrincipalName: `nora@${domain}`,
  displayName: 'Nora Berg',
  givenName: 'Nora',
  surname: 'Berg',
  jobTitle: 'Engineer',
  groups: ['sales'],
  initialPassword: { secretName: 'nora-initial-password' },
};

const vera = {
  ...common,
  userPrincipalName: `vera@${domain}`,
  displayName: 'Vera Roth',
  givenName: 'Vera',
  surname: 'Roth',
  initialPassword: { secretName: 'vera-initial-password' },
};

function shown(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}
