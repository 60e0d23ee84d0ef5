/** Kinds on the wire, and the URL paths of their objects. */

/** One kind, as the API server names it. `group` empty: the core group. */
export interface KindInfo {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
}

export function apiVersionOf({ group, version }: KindInfo): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `namespace` undefined or empty: all namespaces, or a kind that has none. */
export function collectionPath(info: KindInfo, namespace?: string): string {
  const root = info.group === '' ? '/api' : '/apis';
  const scope =
    namespace === undefined || namespace === ''
      ? ''
      : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${apiVersionOf(info)}${scope}/${info.plural}`;
}

export function objectPath(info: KindInfo, namespace: string, name: string): string {
  return `${collectionPath(info, namespace)}/${encodeURIComponent(name)}`;
}
