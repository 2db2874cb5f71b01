// Raw requests to an API server, for tests that are about its very answers.

import { readFileSync } from 'node:fs'
import { KubeConfig } from '@kubernetes/client-node'
import { Agent, fetch } from 'undici'

export interface Answer {
  status: number
  text: string
}

export interface RawApi {
  /** Sends a request with a JSON body, by default application/json, and returns the answer whatever its status is. */
  request(method: string, path: string, body?: unknown, contentType?: string, accept?: string): Promise<Answer>
  /** Waits, on a watch, until a CustomResourceDefinition is served. */
  established(name: string): Promise<void>
  close(): Promise<void>
}

/** @param kubeconfig the text of a kubeconfig whose current context has a client certificate or a token */
export function rawApi(kubeconfig: string): RawApi {
  const config = new KubeConfig()
  config.loadFromString(kubeconfig)
  const cluster = config.getCurrentCluster()
  const user = config.getCurrentUser()
  if (!cluster || !user) throw new Error('expected a kubeconfig with a current context')
  const ca = pem(cluster.caData, cluster.caFile)
  const dispatcher = new Agent({
    connect: { ca, cert: pem(user.certData, user.certFile), key: pem(user.keyData, user.keyFile), rejectUnauthorized: !cluster.skipTLSVerify },
  })
  const send = (method: string, path: string, body?: unknown, contentType = 'application/json', accept = 'application/json') =>
    fetch(`${cluster.server}${path}`, {
      method,
      dispatcher,
      body: body === undefined ? null : JSON.stringify(body),
      headers: { accept, 'content-type': contentType, ...(user.token ? { authorization: `Bearer ${user.token}` } : {}) },
    })
  return {
    async request(...parameters) {
      const answer = await send(...parameters)
      return { status: answer.status, text: await answer.text() }
    },
    async established(name) {
      const query = `watch=true&timeoutSeconds=30&fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`
      const answer = await send('GET', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions?${query}`)
      const decoder = new TextDecoder()
      let seen = ''
      for await (const chunk of answer.body ?? []) {
        seen += decoder.decode(chunk, { stream: true })
        const lines = seen.split('\n')
        seen = lines.pop() ?? ''
        if (lines.some(saysEstablished)) return
      }
      throw new Error(`expected ${name} to be established within 30 s`)
    },
    close: () => dispatcher.close(),
  }
}

const pem = (data: string | undefined, file: string | undefined): string | undefined =>
  data ? Buffer.from(data, 'base64').toString('utf8') : file ? readFileSync(file, 'utf8') : undefined

/** Whether an event of a watch shows a CustomResourceDefinition that is served. */
function saysEstablished(line: string): boolean {
  const event: { object?: { status?: { conditions?: { type: string; status: string }[] } } } = JSON.parse(line)
  return event.object?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false
}
