// What the plugin uses of undici. Its own index loads all of it, fetch, WebSockets, caches and mocks, which is half of the time that a short program takes.

import api from 'undici/lib/api/index.js'
import Agent from 'undici/lib/dispatcher/agent.js'
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js'

// As undici's index does.
Object.assign(Dispatcher.prototype, api)

/** undici's own, for those who name a dispatcher. */
function request(url, { dispatcher, method = 'GET', ...options }) {
  const { origin, pathname, search } = new URL(url)
  return dispatcher.request({ ...options, method, origin, path: `${pathname}${search}` })
}

export { Agent, Dispatcher, ProxyAgent, request }
