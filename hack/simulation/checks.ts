/**
 * What must hold at every moment of a history, whatever happens in it. Each check looks at effects, in the API server
 * and outside; what a process believes counts only for whether it may write.
 */
import { isDeepStrictEqual } from 'node:util';
import { finalizer } from '../../operator/core/plan.ts';
import type { CommonStatus, Resource } from '../../operator/core/resource.ts';
import { toResource } from '../../operator/kube/wire.ts';
import { brokenStatusRules } from '../testing/expect-status.ts';
import type { ApiObject, ApiServer, Target, Write } from './api-server.ts';
import { toyInfo } from './replica.ts';
import type { OutsideChange, Toy, World } from './things.ts';

interface ChecksDeps {
  readonly world: World;
  readonly api: () => ApiServer;
  readonly isLeading: (identity: string) => boolean;
  readonly isRecoverable: boolean;
}

export class Checks {
  readonly violations: string[] = [];
  readonly #deps: ChecksDeps;
  /** `identity uid`: objects that a process has been told of. */
  readonly #told = new Set<string>();

  constructor(deps: ChecksDeps) {
    this.#deps = deps;
  }

  fail(problem: string): void {
    if (!this.violations.includes(problem)) this.violations.push(problem);
  }

  told(identity: string, uid: string): void {
    this.#told.add(`${identity} ${uid}`);
  }

  sent(identity: string, method: string, target: Target): void {
    if (target.plural !== 'toys' || method === 'GET') return;
    if (this.#deps.isLeading(identity)) return;
    this.fail(`W1: ${method} of ${target.isStatus ? 'status' : 'object'} sent without the lease`);
  }

  sentOutside({ by, operation }: OutsideChange): void {
    if (!this.#deps.isLeading(by.identity)) this.fail(`W2: ${operation} sent without the lease`);
  }

  changedOutside({ operation, uid, token }: OutsideChange): void {
    const object = this.#find(uid);
    if (object === undefined) {
      this.fail(`W3: ${operation} for an object that is gone`);
      return;
    }
    if (!(object.metadata.finalizers ?? []).includes(finalizer)) {
      this.fail(`W4: ${operation} for an object without our finalizer`);
    }
    if (operation === 'create') this.#created(object, token);
  }

  wrote({ by, target, before, after }: Write): void {
    if (target.plural !== 'toys') return;
    const uid = (after ?? before)?.metadata.uid ?? '';
    if (by !== undefined && !this.#told.has(`${by} ${uid}`)) {
      this.fail('W6: a write to an object that its writer was never told of');
    }
    if (after === undefined) this.#gone(uid);
    else if (before !== undefined) this.#changed(resourceOf(before), resourceOf(after), target);
  }

  #changed(then: Toy, now: Toy, { isStatus }: Target): void {
    for (const broken of brokenStatusRules(now, then)) this.fail(broken);
    if (isStatus && isDeepStrictEqual(meaning(then), meaning(now))) {
      this.fail('W7: a status was written that says nothing new');
    }
  }

  #created(object: ApiObject, token: string | undefined): void {
    const { uid } = object.metadata;
    const { things } = this.#deps.world;
    if ([...things.values()].filter((thing) => thing.uid === uid).length > 1) {
      this.fail('W8: two things for one object');
    }
    if (this.#deps.isRecoverable) return;
    const stored = (object.status as Toy['status'])?.token;
    if (token === undefined || stored !== token) this.fail('W9: a create without stored intent');
  }

  #gone(uid: string): void {
    if (this.#deps.world.find((thing) => thing.uid === uid) !== undefined) {
      this.fail('W10: an object is gone and its thing is not');
    }
  }

  #find(uid: string): ApiObject | undefined {
    return this.#deps
      .api()
      .list('toys')
      .find(({ metadata }) => metadata.uid === uid);
  }
}

export function resourceOf(object: ApiObject): Toy {
  const resource = toResource(toyInfo, object);
  if (resource === undefined) throw new Error('this is not an object');
  return resource as Toy;
}

function meaning({ status }: Resource): unknown {
  const { conditions = [], ...fields } = (status ?? {}) as CommonStatus;
  return { fields, facts: conditions.map((fact) => ({ ...fact, lastTransitionTime: '' })) };
}
