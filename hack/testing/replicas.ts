/** Operators beside each other on one stage: each with its own folder, its own way outside, and what each left behind. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyAuditLog } from '../../operator/runtime/audit-verify.ts';
import { scrape } from '../bench/metrics.ts';
import { until } from '../control-plane/processes.ts';
import type { Stage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { unfinishedWork } from './after-faults.ts';
import { Gateway } from './gateway.ts';

export interface Replica {
  readonly name: string;
  readonly operator: OperatorProcess;
  readonly gateway: Gateway;
  stop(): Promise<void>;
}

/** `name` is its POD_NAME too: the lease tells it. */
export async function startReplica(
  stage: Stage,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Replica> {
  const gateway = await Gateway.start(stage, name);
  const operator = await stage.startOperator({
    ...gateway.operatorOptions,
    folder: join(stage.folder, name),
    pollSeconds: 1,
    env: { POD_NAME: name, ...env },
  });
  await operator.ready();
  const stop = async (): Promise<void> => {
    await operator.stop();
    await gateway.stop();
  };
  return { name, operator, gateway, stop };
}

/** As a node that loses power; the lease, which would run out after 15 seconds, is taken away. */
export async function killWithLease(stage: Stage, operator: OperatorProcess): Promise<void> {
  await operator.kill();
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  await stage.controlPlane.client.delete(`${leases}/m365-operator`);
}

/** POD_NAME of who holds it; empty: nobody. */
export async function leaseHolder(stage: Stage, lease = 'm365-operator'): Promise<string> {
  const path = 'jsonpath={.spec.holderIdentity}';
  const args = ['get', 'lease', lease, '-n', 'default', '--ignore-not-found', '-o', path];
  return (await stage.controlPlane.kubectl(args)).replace(/_[^_]*$/, '');
}

export interface AuditLine {
  readonly operation: string;
  readonly result: string;
  readonly resource: { readonly kind: string; readonly namespace: string; readonly name: string };
}

/** Throws where the chain of the file is broken. */
export async function auditLines({ auditFile }: OperatorProcess): Promise<readonly AuditLine[]> {
  const lines = (await readFile(auditFile, 'utf8')).split('\n').filter((line) => line !== '');
  const fault = await verifyAuditLog(lines);
  if (fault !== undefined) {
    throw new Error(`${auditFile}, line ${String(fault.line)}: ${fault.problem}`);
  }
  return lines.map((line) => JSON.parse(line) as AuditLine);
}

/** Its queues are empty and no worker works. */
export async function untilDrained({ name, operator }: Replica): Promise<void> {
  await until(
    `the queues of ${name} to be empty`,
    async () => unfinishedWork(await scrape(operator.metricsUrl)) === 0,
  );
}
