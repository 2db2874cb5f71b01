import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GeneratedFile } from '../definition.ts'

const file = join(import.meta.dirname, 'client/wait-for-pool')

/** For images whose processes use a pool of Ceph's: starts such a process, or says in a sentence why the pool cannot be used. */
export const waitForPool: GeneratedFile = { path: '/usr/local/bin/wait-for-pool', from: { file }, identity: readFileSync(file), executable: true }
