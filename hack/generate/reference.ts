/** crds/README.md: every field of every kind, from the same source as the CRDs. */
import { group, kinds, version } from '../../operator/api/index.ts';
import { type Schema, structuralSchema } from './structural.ts';

export function referenceMarkdown(): string {
  const parts = [
    '# API reference',
    '',
    `Group \`${group}\`, version \`${version}\`, category \`m365\`. All kinds are namespaced. Written by \`npm run generate\` from \`operator/api/\`; do not edit.`,
    '',
    ...kinds.map(
      (api) =>
        `- [${api.kind}](#${api.kind.toLowerCase()}) (\`${api.shortNames[0]}\`): ${api.description}`,
    ),
    '',
  ];
  for (const api of kinds) {
    parts.push(
      `## ${api.kind}`,
      '',
      api.description,
      '',
      `Short name \`${api.shortNames[0]}\`, plural \`${api.plural}\`.`,
      '',
    );
    parts.push(
      ...table('spec', structuralSchema(api.spec)),
      ...table('status', structuralSchema(api.status)),
    );
  }
  return `${parts.join('\n').trimEnd()}\n`;
}

function table(name: string, schema: Schema): string[] {
  const rows = fields(schema, name);
  const rules = rulesOf(schema);
  return [
    `### ${name}`,
    '',
    '| Field | Type | Description |',
    '| --- | --- | --- |',
    ...rows,
    '',
    ...(rules.length > 0 ? ['Rules:', '', ...rules.map((rule) => `- ${rule}`), ''] : []),
  ];
}

function fields(schema: Schema, path: string): string[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
  const required = new Set((schema['required'] ?? []) as string[]);
  return Object.entries(properties).flatMap(([name, property]) => {
    const at = `${path}.${name}`;
    const description = [property['description'], ...rulesOf(property)].filter(Boolean).join(' ');
    const mark = required.has(name) && property['default'] === undefined ? ' **required**' : '';
    const row = `| \`${at}\` | ${typeOf(property)}${mark} | ${escapePipes(description)} |`;
    return [
      row,
      ...fields(property, at),
      ...fields((property['items'] ?? {}) as Schema, `${at}[]`),
    ];
  });
}

function rulesOf(schema: Schema): string[] {
  const rules = (schema['x-kubernetes-validations'] ?? []) as { message: string }[];
  return rules.map(({ message }) => `Refused otherwise: ${message}.`);
}

function typeOf(schema: Schema): string {
  const parts = [String(schema['type'])];
  const values = schema['enum'] as string[] | undefined;
  if (values !== undefined && values.length <= 15) parts.push(values.join(', '));
  if (schema['format'] === 'date-time') parts.push('date-time');
  if (schema['default'] !== undefined) parts.push(`default ${JSON.stringify(schema['default'])}`);
  const bounds = ['minimum', 'maximum', 'minLength', 'maxLength', 'maxItems'].filter(
    (key) => key in schema,
  );
  for (const key of bounds) parts.push(`${key} ${String(schema[key])}`);
  return escapePipes(parts.join('; '));
}

function escapePipes(text: string): string {
  return text.replaceAll('|', '\\|');
}
