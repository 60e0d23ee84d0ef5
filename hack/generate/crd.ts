/** The CustomResourceDefinition of one kind. */
import type { ApiDefinition } from '../../operator/api/define.ts';
import { group, version } from '../../operator/api/index.ts';
import { type Schema, structuralSchema } from './structural.ts';

export function customResourceDefinition(api: ApiDefinition): Schema {
  const singular = api.kind.toLowerCase();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${api.plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: api.kind,
        listKind: `${api.kind}List`,
        plural: api.plural,
        singular,
        shortNames: api.shortNames,
        categories: ['m365'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: api.columns.map((column) => ({
            name: column.name,
            type: column.type ?? 'string',
            jsonPath: column.jsonPath,
            description: column.description,
            ...(column.wide === true ? { priority: 1 } : {}),
          })),
          selectableFields: api.selectableFields.map((jsonPath) => ({ jsonPath })),
          schema: { openAPIV3Schema: rootSchema(api) },
        },
      ],
    },
  };
}

function rootSchema(api: ApiDefinition): Schema {
  return {
    type: 'object',
    description: api.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: structuralSchema(api.spec),
      status: {
        ...structuralSchema(api.status),
        // One writer owns all of it. Told field by field, that was more than a quarter of an object (ADR 15).
        'x-kubernetes-map-type': 'atomic',
        // kstatus calls an object without status current: -1 says that nobody has looked yet.
        default: { observedGeneration: -1 },
      },
    },
  };
}
