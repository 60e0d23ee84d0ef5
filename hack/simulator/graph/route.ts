/** From a URL to an operation of the contract. */
import { OPERATIONS, type Operation } from '../contract.ts';
import { badRequest } from './errors.ts';
import { unknownMethod, unknownPath } from './unknown-path.ts';

interface Route {
  readonly operation: Operation;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

const ROUTES: readonly Route[] = OPERATIONS.map(toRoute).sort(
  // Fixed segments win over parameters: /users/delta is no user named delta.
  (a, b) => a.names.length - b.names.length,
);

export interface Match {
  readonly operation: Operation;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * @param path below `/v1.0`, still percent-encoded
 * @throws GraphError 400 for a path, 405 for a method that does not exist, 501 for what is not modelled
 */
export function matchRoute(method: string, path: string): Match {
  const normal = normalize(path);
  const hits = ROUTES.flatMap((route) => {
    const found = route.pattern.exec(normal);
    return found ? [{ route, values: found.slice(1) }] : [];
  });
  const fewest = hits[0]?.route.names.length;
  const hit = hits.find(
    ({ route }) => route.operation.method === method && route.names.length === fewest,
  );
  if (hit) {
    const { route, values } = hit;
    const parameters = Object.fromEntries(
      route.names.map((name, index) => [name, decode(values[index] ?? '')]),
    );
    return { operation: route.operation, parameters };
  }
  throw hits.length > 0 ? unknownMethod(method, normal) : unknownPath(normal);
}

/** `/users('x')` is `/users/x`; a cast may carry its namespace or not (graph.md 17.8). */
function normalize(path: string): string {
  return path
    .replace(/\/+$/, '')
    .replaceAll('%28', '(')
    .replaceAll('%29', ')')
    .replaceAll('%27', "'")
    .replaceAll('%3D', '=')
    .replaceAll('%24', '$')
    .replace('/microsoft.graph.', '/graph.')
    .replace(
      /^(\/\w+)\('((?:[^']|'')*)'\)/,
      (_, set: string, key: string) => `${set}/${key.replaceAll("''", "'")}`,
    );
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest('The request URL is not valid.');
  }
}

function toRoute(operation: Operation): Route {
  const names: string[] = [];
  const source = operation.template
    .split(/(\{[^}]+\})/)
    .map((part) => {
      if (!part.startsWith('{')) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(part.slice(1, -1));
      return "([^/']+(?:'[^/']*)*)";
    })
    .join('');
  return { operation, names, pattern: new RegExp(`^${source}$`) };
}
