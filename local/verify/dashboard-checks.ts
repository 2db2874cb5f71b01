import { expect } from '../../plugin/verify/check.ts'
import type { Check, CheckedCluster, Surroundings } from './check.ts'
import { consoleGreeting } from './console.ts'
import { DashboardVisitor } from './dashboard.ts'

const hasDashboard = ({ spec }: CheckedCluster): boolean => spec.services.horizon.enabled

/** The course's checks of what a person sees: the dashboard, and the guest's console. */
export const dashboardChecks: readonly Check[] = [
  { name: "the dashboard's log-in page", applies: hasDashboard, run: logInPage },
  { name: 'the dashboard lets the declared user in', applies: hasDashboard, run: logIn },
  { name: "the guest's console answers from outside", run: console },
]

function visitor({ cluster, signal }: Surroundings): DashboardVisitor {
  const url = cluster.status?.endpoints?.find(({ service }) => service === 'horizon')?.public
  expect(url !== undefined, 'an endpoint horizon in status.endpoints', cluster.status?.endpoints)
  return new DashboardVisitor(url, signal)
}

async function logInPage(surroundings: Surroundings): Promise<string> {
  const dashboard = visitor(surroundings)
  // The first answer may be the first of the process.
  await dashboard.get('/auth/login/')
  const started = performance.now()
  const { status, text } = await dashboard.get('/auth/login/')
  const took = performance.now() - started
  expect(status === 200 && /Log in/i.test(text), 'a page with "Log in" on it', `${status} ${text.slice(0, 200)}`)
  return `answers in ${took.toFixed(0)} ms`
}

async function logIn(surroundings: Surroundings): Promise<string> {
  const { cluster, userName, secret, server } = surroundings
  const { password = '' } = await secret(`${cluster.metadata.name}-user-${userName}`)
  const domain = cluster.spec.identity.users.find(({ name }) => name === userName)?.domain ?? 'Default'
  const refused = await visitor(surroundings).logIn(userName, `not ${password}`, domain)
  expect(/Invalid credentials/i.test(refused.text), 'a wrong password to be refused in words', refused.text.slice(0, 300))
  const dashboard = visitor(surroundings)
  const home = await dashboard.logIn(userName, password, domain)
  expect(
    home.status === 200 && home.path.startsWith('/project/'),
    'the pages of a project after the log-in',
    `${home.status} ${home.path} ${home.text.slice(0, 200)}`,
  )
  const { text } = await dashboard.get('/project/instances/')
  expect(text.includes(server), `server ${server} among the instances`, text.slice(0, 500))
  return `${userName} is at ${home.path}, sees ${server}; a wrong password is refused: "${/Invalid credentials\S*/i.exec(refused.text)?.[0]}"`
}

async function console({ user, server }: Surroundings): Promise<string> {
  const { url } = await user.json<{ url: string }>('console', 'url', 'show', server)
  const page = await fetch(url)
  expect(page.status === 200, `a page at ${new URL(url).origin}${new URL(url).pathname}`, page.status)
  await page.arrayBuffer()
  return `${new URL(url).origin}: ${await consoleGreeting(url)}`
}
