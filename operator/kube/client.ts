import type { Dispatcher } from 'undici'
import type { KubeObject, ResourceType } from './types.ts'

/** Which objects to list. */
export interface ListOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Most objects of one page. */
  readonly limit?: number
  /** Token of the next page. */
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}

/** One page of a list. */
export interface ListPage {
  readonly items: KubeObject[]
  readonly resourceVersion: string
  /** Token of the next page, if there is one. */
  readonly continue?: string
}

/** What to watch, and from where on. */
export interface WatchOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly resourceVersion: string
  /** After this time the server ends the watch. */
  readonly timeoutSeconds: number
}

/** What happened to an object. Of a bookmark only `metadata.resourceVersion` means something. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: KubeObject
}

export interface ApplyOptions {
  readonly fieldManager: string
  /** Takes fields over from other managers, instead of a conflict. */
  readonly force?: boolean
  readonly subresource?: 'status'
  /** Writes nothing: the answer is what would come of it. */
  readonly dryRun?: boolean
}

export interface PatchOptions {
  readonly type: 'merge' | 'json'
  readonly fieldManager?: string
  readonly subresource?: 'status'
}

export interface DeleteOptions {
  /** Deletes this very object only, and none that has taken its name. */
  readonly uid?: string
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
}

/** Which lines of a pod's log. */
export interface LogOptions {
  /** Default: the pod's only one. */
  readonly container?: string
  /** Whether to go on until the container ends. */
  readonly follow?: boolean
  /** So many of the lines that are there already. Default: all. */
  readonly tailLines?: number
  /** Only what was said in so many seconds until now. */
  readonly sinceSeconds?: number
  /** Whether each line begins with its time in RFC 3339, and a space. */
  readonly timestamps?: boolean
}

/** The API of Kubernetes, as plain JSON. Every method throws a KubeError when it fails, or the signal's reason. */
export interface KubeClient {
  /** One object; `undefined` where there is none. */
  get(type: ResourceType, namespace: string | undefined, name: string, signal?: AbortSignal): Promise<KubeObject | undefined>
  list(type: ResourceType, options: ListOptions, signal?: AbortSignal): Promise<ListPage>
  /** Changes after a resourceVersion. Ends when the server ends it; throws a KubeError of status 410 when the version is too old. */
  watch(type: ResourceType, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent>
  /** Lines that a pod has said: without options the last one of its only container, and all from now on until the container ends. */
  log(namespace: string, pod: string, signal: AbortSignal, options?: LogOptions): AsyncIterable<string>
  create(type: ResourceType, object: KubeObject, signal?: AbortSignal): Promise<KubeObject>
  /** Server-side apply. */
  apply(type: ResourceType, object: KubeObject, options: ApplyOptions, signal?: AbortSignal): Promise<KubeObject>
  patch(type: ResourceType, namespace: string | undefined, name: string, body: unknown, options: PatchOptions, signal?: AbortSignal): Promise<KubeObject>
  /** Replaces an object; with `metadata.resourceVersion` only if it has not changed since. */
  update(type: ResourceType, object: KubeObject, options?: { readonly subresource?: 'status' }, signal?: AbortSignal): Promise<KubeObject>
  /** Deletes an object. That it is not there (any more) is no error. */
  delete(type: ResourceType, namespace: string | undefined, name: string, options?: DeleteOptions, signal?: AbortSignal): Promise<void>
  /** Ends watches and closes all connections. */
  close(): Promise<void>
}

/** The way into the cluster for who is outside of it. */
export interface ServiceClient {
  /** Sends requests to Services by way of the API server, until the client is closed. Throws when there are no usable credentials. */
  services(): Promise<Dispatcher>
}
