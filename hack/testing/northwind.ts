/** The simulator's customer that existed before, connected as M365Tenant `northwind` in the namespace `contoso`. */
import type { M365Tenant } from '../../operator/core/objects.ts';
import { until } from '../control-plane/processes.ts';
import type { DomainController } from '../samba/index.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { applyCredentials, directorySpec, type Stage, startStage } from '../stage/index.ts';
import type { OperatorOptions, OperatorProcess } from '../stage/operator.ts';
import { connectionSpec, createDesk, type Desk } from './desk.ts';

export const northwind = {
  connectionRef: { name: 'eu-prod', namespace: 'provider' },
  connect: { domain: DEFAULT_CUSTOMER.initialDomain },
} as const;

export interface Northwind {
  readonly stage: Stage;
  readonly operator: OperatorProcess;
  readonly desk: Desk;
  stop(): Promise<void>;
}

interface NorthwindOptions {
  /** With a domain controller there; its people are written in both directories. */
  readonly directoryAddress?: string;
  /** As the connection reaches it. Default: straight. */
  readonly domainControllers?: (
    directory: DomainController,
    stage: Stage,
  ) => Promise<readonly string[]>;
  /** With which the operator is started. */
  readonly operator?: (stage: Stage) => Promise<Partial<OperatorOptions>>;
}

export async function startNorthwind(options: NorthwindOptions = {}): Promise<Northwind> {
  const { directoryAddress } = options;
  const stage = await startStage(
    directoryAddress === undefined ? { withoutDirectory: true } : { directoryAddress },
  );
  const desk = createDesk(() => stage);
  await stage.controlPlane.kubectl(['apply', '-f', 'examples/quickstart/00-namespaces.yaml']);
  await applyCredentials(stage);
  const operator = await stage.startOperator({
    pollSeconds: 1,
    ...(await options.operator?.(stage)),
  });
  await operator.ready();
  const { directory } = stage;
  const ways = directory && (await options.domainControllers?.(directory, stage));
  const more = directory === undefined ? {} : { activeDirectory: directorySpec(directory, ways) };
  const spec = connectionSpec('eu-prod-credentials', more);
  await desk.put('PartnerConnection', 'provider', 'eu-prod', spec);
  await desk.ready('PartnerConnection', 'eu-prod');
  const identity = stage.directory === undefined ? {} : { activeDirectory: 'Managed' };
  await desk.put('M365Tenant', 'contoso', 'northwind', { ...northwind, identity });
  await approve(stage, desk, 'northwind');
  await desk.ready('M365Tenant', 'northwind');
  return {
    stage,
    operator,
    desk,
    stop: async () => {
      await operator.stop();
      await stage.stop();
    },
  };
}

/** The administrator of this M365Tenant of the namespace `contoso` opens the link and accepts. */
export async function approve(stage: Stage, desk: Desk, name: string): Promise<void> {
  const link = async (): Promise<string | undefined> =>
    (await desk.find<M365Tenant>('M365Tenant', name)).status?.approvalUrl;
  await until('the link to approve', async () => (await link()) !== undefined, {
    timeoutMs: 40_000,
  });
  stage.simulator.approveRelationship((await link())?.split('/').at(-1) ?? '');
  await desk.lookNow('m365tenant', 'contoso', name);
}

/** Its users as Entra has them at this moment. */
export function liveUsers({ simulator }: Stage) {
  const directory = simulator.world.directories.get(DEFAULT_CUSTOMER.tenantId);
  return [...(directory?.users.all('live', directory.log.last) ?? [])].map(({ value }) => value);
}
