import type { HypervisorState } from '../api/v1alpha1/index.ts'
import { someOf } from '../config/some-of.ts'
import type { HypervisorChange } from './hypervisors.ts'

/** What a person is told. */
export interface Told {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

const away: ReadonlySet<HypervisorState | undefined> = new Set(['Silent', 'NotReady', 'Down'])

/** Events of what became of hypervisors, at most one for each reason, however many there are. */
export function hypervisorEvents(changes: readonly HypervisorChange[]): Told[] {
  const words = new Map<string, { type: Told['type']; words: string[] }>()
  const tell = (type: Told['type'], reason: string, word: string): void => {
    const known = words.get(reason)
    if (known === undefined) words.set(reason, { type, words: [word] })
    else known.words.push(word)
  }
  for (const { node, before, after } of changes) {
    if (after === undefined) {
      const { servers = 0 } = before ?? {}
      tell(
        servers > 0 ? 'Warning' : 'Normal',
        servers > 0 ? 'HypervisorLeftWithGuests' : 'HypervisorLeft',
        `${node}${servers > 0 ? ` (${servers} on it)` : ''}`,
      )
      continue
    }
    const { state, message = '' } = after
    const because = message === '' ? '' : ` (${message})`
    if (after.joinedAt !== undefined && before?.joinedAt === undefined) tell('Normal', 'HypervisorJoined', node)
    else if (state === before?.state) continue
    else if (state === 'Silent' || state === 'NotReady') tell('Warning', 'HypervisorSilent', `${node}${because}`)
    else if (state === 'Down') tell('Warning', 'HypervisorDown', `${node}${because}`)
    else if (away.has(before?.state) && after.joinedAt !== undefined && state !== 'Starting') tell('Normal', 'HypervisorBack', node)
    else if (state === 'Disabled') tell('Normal', 'HypervisorDisabled', `${node}${because}`)
    else if (state === 'Up') tell('Normal', 'HypervisorEnabled', node)
  }
  return [...words].map(([reason, found]) => ({ type: found.type, reason, message: `${sentences[reason] ?? ''}: ${someOf(found.words)}` }))
}

const sentences: Readonly<Record<string, string>> = {
  HypervisorJoined: 'runs guests from now on',
  HypervisorLeft: 'is no hypervisor of the cloud any more',
  HypervisorLeftWithGuests: 'is no hypervisor of the cloud any more, and nobody looks after its guests',
  HypervisorSilent: 'takes no part',
  HypervisorDown: 'Nova does not hear of it',
  HypervisorBack: 'has taken its place again',
  HypervisorDisabled: 'gets no new guests',
  HypervisorEnabled: 'gets new guests again',
}
