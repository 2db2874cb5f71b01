/** metadata of an object, as far as the operator reads or writes it. */
export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
}

/** Whose an object is: the garbage collector deletes it with its owner. */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** Any object of the API, as plain JSON. Who needs more of its fields narrows them itself. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly spec?: unknown
  readonly status?: unknown
  /** Of Secrets (base64) and ConfigMaps. */
  readonly data?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** Where the objects of a kind are found in the API. */
export interface ResourceType {
  readonly apiVersion: string
  readonly kind: string
  /** e.g. `deployments` */
  readonly plural: string
  readonly namespaced: boolean
  /** Nothing of this kind is kept, so that it needs no name: it is a question. */
  readonly nameless?: boolean
}
