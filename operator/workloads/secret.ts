import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { metadata } from './metadata.ts'

/** A Secret with text files. Everything that a service reads is one, since nearly every file of OpenStack holds a password. */
export function secret(scope: Scope, name: string, service: string, files: Readonly<Record<string, string>>): KubeObject {
  const data = Object.fromEntries(Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString('base64')]))
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadata(scope, name, service), type: 'Opaque', data }
}

/** A set of files for pods: the Secret's name and its content. */
export interface ConfigSecret {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
}
