import { Agent, request } from 'undici'
import type { Dispatcher } from 'undici'
import type { StatusEndpoint } from '../../operator/api/v1alpha1/index.ts'
import { connectionProblem } from '../../operator/openstack/http.ts'
import { checked } from './check.ts'
import type { CheckResult } from './check.ts'

/** Longest time that something may take to answer, in ms. */
export const TIMEOUT = 5000

/** Asks an endpoint for anything at all: at its public URL, or where nothing comes from there, by way of the API server. `outside`: the public URL answers. */
export async function reach(
  { service, public: url, internal }: StatusEndpoint,
  services: Dispatcher,
  signal: AbortSignal,
): Promise<{ readonly result: CheckResult; readonly outside: boolean }> {
  let outside = true
  const result = await checked(
    `endpoint ${service}`,
    async () => {
      const agent = new Agent({ connect: { timeout: TIMEOUT } })
      const hindrance = url === undefined ? 'it has no public URL' : await hindranceOf(url, agent, signal)
      await agent.close()
      if (hindrance === undefined) return `${url} answers`
      outside = false
      if (internal === undefined) throw new Error(hindrance)
      const inside = await hindranceOf(internal, services, signal)
      if (inside !== undefined) throw new Error(`${hindrance}; by way of the API server, ${inside}`)
      return `answers by way of the API server only: from here, ${hindrance}`
    },
    signal,
  )
  return { result, outside }
}

/** Why there is no answer of the service's; `undefined` where there is one, even if it is that one must log in first, or that it has no such page. */
async function hindranceOf(url: string, dispatcher: Dispatcher, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { statusCode, body } = await request(`${url}/`, { dispatcher, signal, headersTimeout: TIMEOUT, bodyTimeout: TIMEOUT })
    const refusal = refusalOf(await body.text())
    if (refusal !== undefined) return `${url} is not asked: ${refusal}`
    // What forbids it is something on the way, such as a gateway: no service of OpenStack forbids that.
    return statusCode >= 500 || statusCode === 403 ? `${url} is answered with ${statusCode}` : undefined
  } catch (error) {
    signal.throwIfAborted()
    return `${url} does not answer: ${connectionProblem(error, TIMEOUT)}`
  }
}

/** What the API server itself says, where it cannot or may not pass a request on. */
function refusalOf(text: string): string | undefined {
  if (!text.startsWith('{') || !text.includes('"Status"')) return undefined
  try {
    const { kind, message } = JSON.parse(text) as { readonly kind?: string; readonly message?: string }
    return kind === 'Status' ? message : undefined
  } catch {
    return undefined
  }
}
