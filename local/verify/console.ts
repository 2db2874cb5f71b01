/** How long the console proxy may take, in ms. */
const TIMEOUT = 10_000

/** Where the socket is that a console page opens, from the page's URL as Nova gives it: `path` is what follows the host. */
export function consoleSocket(url: string): string {
  const page = new URL(url)
  const path = page.searchParams.get('path')
  if (path === null) throw new Error(`${url} has no parameter path, which the socket of the console is named by`)
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/${path.replace(/^\//, '')}`
}

/**
 * The first words of a console: the version of RFB (RFC 6143, section 7.1.1) that the hypervisor's VNC server speaks, through the proxy. Throws where
 * the proxy closes the socket before, as it does for a token that it does not know.
 */
export async function consoleGreeting(url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = new WebSocket(consoleSocket(url))
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('message', ({ data }: { data: ArrayBuffer }) => resolve(Buffer.from(data).toString('latin1').trim()))
  socket.addEventListener('error', () => reject(new Error(`the console proxy at ${new URL(url).host} cannot be reached or refuses`)))
  socket.addEventListener('close', ({ code }) => reject(new Error(`the console proxy closed the socket (code ${code}) before the VNC server said a word`)))
  const timer = setTimeout(() => reject(new Error(`the console said nothing within ${TIMEOUT / 1000} s`)), TIMEOUT)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    socket.close()
  }
}
