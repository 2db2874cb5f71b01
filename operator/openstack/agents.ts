import { isStatus } from './error.ts'
import type { Session } from './session.ts'

/** The agents that the operator runs, as the agents API and their apps are named. */
export const agentBinaries = ['neutron-linuxbridge-agent', 'neutron-dhcp-agent', 'neutron-l3-agent', 'neutron-metadata-agent'] as const

/** An agent of Neutron. */
export interface NetworkAgent {
  readonly id: string
  /** `neutron-linuxbridge-agent`, `neutron-dhcp-agent`, … */
  readonly binary: string
  readonly host: string
  readonly alive: boolean
  readonly enabled: boolean
}

/** All agents. */
export async function listAgents(session: Session, signal?: AbortSignal): Promise<NetworkAgent[]> {
  const listed = await session.list<Omit<NetworkAgent, 'enabled'> & { admin_state_up: boolean }>('network', '/v2.0/agents', 'agents', { signal })
  return listed.map(({ id, binary, host, alive, admin_state_up: enabled }) => ({ id, binary, host, alive, enabled }))
}

/** Forgets an agent whose host is gone. One that is gone already is no error. */
export async function deleteAgent(session: Session, id: string, signal?: AbortSignal): Promise<void> {
  try {
    await session.request('network', 'DELETE', `/v2.0/agents/${id}`, { signal })
  } catch (error) {
    if (!isStatus(error, 404)) throw error
  }
}

/**
 * Agents of ours that are dead and no longer wanted: their node lost its label, or their kind was switched off. Pure.
 */
export function forgottenAgents(wants: readonly { readonly binary: string; readonly host: string }[], agents: readonly NetworkAgent[]): NetworkAgent[] {
  return agents.filter(({ binary, host, alive }) => !alive && ours.has(binary) && !wants.some((want) => want.binary === binary && want.host === host))
}

const ours: ReadonlySet<string> = new Set(agentBinaries)

/** The wanted agents that are not there or not alive, but for those of silent nodes. Pure. */
export function missingAgents<T extends { readonly binary: string; readonly host: string; readonly silent?: boolean }>(
  wants: readonly T[],
  agents: readonly NetworkAgent[],
): T[] {
  return wants.filter(({ binary, host, silent }) => !silent && !agents.some((agent) => agent.alive && agent.binary === binary && agent.host === host))
}
