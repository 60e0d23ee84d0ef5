/** Lines of a watch, as what they mean. */
import type { Resource } from '../core/resource.ts';
import { MalformedLineError } from './lines.ts';
import type { KindInfo } from './paths.ts';
import { toResource } from './wire.ts';

export type WatchEvent =
  | { readonly type: 'upsert' | 'remove'; readonly resource: Resource }
  /** So far has the API server come. `isInitialEnd`: what was there when the watch began has been told. */
  | { readonly type: 'bookmark'; readonly version: string; readonly isInitialEnd: boolean }
  /** The API server ends the watch in words: it lost its place (410), or it fails. */
  | { readonly type: 'error'; readonly code: unknown; readonly message: unknown };

interface Line {
  readonly type?: unknown;
  readonly object?: unknown;
}

interface Bookmark {
  readonly metadata?: {
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

const initialEventsEnd = 'k8s.io/initial-events-end';

/** Throws MalformedLineError: whoever reads on would miss what this line was about. */
export function watchEventOf(info: KindInfo, line: unknown): WatchEvent {
  const { type, object } = (line ?? {}) as Line;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'upsert', resource: resourceOf(info, object) };
    case 'DELETED':
      return { type: 'remove', resource: resourceOf(info, object) };
    case 'BOOKMARK':
      return bookmarkOf(object ?? {});
    case 'ERROR': {
      const { code, message } = (object ?? {}) as { code?: unknown; message?: unknown };
      return { type: 'error', code, message };
    }
    default:
      throw new MalformedLineError('an event of an unknown type');
  }
}

export function resourceOf(info: KindInfo, raw: unknown): Resource {
  const resource = toResource(info, raw);
  if (resource === undefined) throw new MalformedLineError('this is not an object');
  return resource;
}

function bookmarkOf({ metadata }: Bookmark): WatchEvent {
  const version = metadata?.resourceVersion;
  if (version === undefined) throw new MalformedLineError('a bookmark without a version');
  const isInitialEnd = metadata?.annotations?.[initialEventsEnd] === 'true';
  return { type: 'bookmark', version, isInitialEnd };
}
