import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offeredActions, PROJECT_PANELS } from '../../local/browser/actions.ts'
import { withBrowser } from '../../local/browser/chromium.ts'
import { openConsole, openConsoleTab } from '../../local/browser/console.ts'
import { Dashboard, LogInRefused } from '../../local/browser/dashboard.ts'
import type { Account } from '../../local/browser/dashboard.ts'
import { launchInstance, waitForStatus } from '../../local/browser/instances.ts'
import { eventually } from '../../local/verify/guest.ts'
import { CLOUD } from './environment.ts'
import type { Environment } from './environment.ts'

/** What people see, in a real browser. */
export function peopleTests(env: () => Environment): void {
  const account = async (user: string): Promise<Account> => {
    const { username = '', password = '' } = await env().secret(`${CLOUD}-user-${user}`)
    return { username, password, domain: 'Default' }
  }
  const dashboardUrl = async () => {
    const { status } = await env().ready(60)
    const url = status?.endpoints?.find(({ service }) => service === 'horizon')?.public
    assert.ok(url, 'status.endpoints has horizon')
    return url
  }
  const consoleUrl = async (server: string) => (await (await env().client('myuser')).json<{ url: string }>('console', 'url', 'show', server)).url

  test('in the dashboard: the overview, a server by the wizard, and its console', async () => {
    const url = await dashboardUrl()
    await withBrowser(async (newPage) => {
      const dashboard = new Dashboard(await newPage(), url)
      await dashboard.logIn(await account('myuser'))
      const quotas = await dashboard.overview()
      assert.equal(quotas.find(({ name }) => name === 'Instances')?.limit, '20', `the declared quota, in ${JSON.stringify(quotas)}`)
      await launchInstance(dashboard, { name: 'vm-wizard', image: 'teruwa-guest', flavor: 'm1.tiny', network: 'selfservice' })
      await waitForStatus(dashboard, 'vm-wizard', 'Active')
      const guest = await openConsoleTab(dashboard, 'vm-wizard')
      await guest.waitForScreen()
      assert.match(await guest.status(), /Connected to the console of vm-wizard/)
    })
    await (await env().client('myuser')).text('server', 'delete', '--wait', 'vm-wizard')
  })

  test("what is typed into a console's page arrives in the guest, and no hypervisor's VNC server listens but on its management address", async () => {
    const user = await env().client('myuser')
    const url = await consoleUrl('vm0')
    const words = `typed-in-a-browser-${process.pid}`
    await withBrowser(async (newPage) => {
      const guest = await openConsole(await newPage(), url)
      const { lit } = await guest.waitForScreen()
      assert.ok(lit > 200, `a log-in screen has letters, ${lit} pixels are lit`)
      // The guest asks for a name, then for a password, which it does not show. What is typed before it asks is lost, so what it says is waited for:
      // "Password:" has more than 200 pixels besides those of the name, the shell's "~ # " has some 45.
      await guest.type('root\n', 200)
      await guest.type('teruwa\n', 30)
      // Without a character that needs Shift, which is not pressed here.
      await guest.type('tee /dev/ttyS0\n')
      const { before, after } = await guest.type(`${words}\n`)
      assert.notEqual(after.hash, before.hash)
      // The same link opens a second time, as long as it holds.
      const second = await openConsole(await newPage(), url)
      await second.waitForScreen()
    })
    await eventually(`"${words}" in the console log`, 30, async () => (await user.text('console', 'log', 'show', 'vm0')).includes(words))
    const listening = (await env().onNodes("ss -ltnH | awk '{print $4}' | grep -E ':59[0-9][0-9]$' || true")).split('\n').filter((line) => line !== '')
    const addresses = env().cluster.nodes.map(({ address }) => address)
    assert.ok(listening.length > 0)
    for (const each of listening) assert.ok(addresses.includes(each.replace(/:\d+$/, '')), `a VNC server listens on ${each}, the nodes are ${addresses.join()}`)
  })

  test('a console link after its end, and one that was never any: sentences that say how to get a new one', async () => {
    await env().change({ overrides: { nova: { 'nova-compute.conf': { consoleauth: { token_ttl: '5' } } } } })
    await env().ready(180)
    const url = await consoleUrl('vm0')
    await withBrowser(async (newPage) => {
      const page = await newPage()
      await eventually('the link to be no longer valid', 60, async () => (await (await openConsole(page, url)).settled()) === 'invalid')
      const guest = await openConsole(page, url)
      await guest.settled()
      assert.match(await guest.status(), /not valid \(any more\)\. .*For a new one, .*openstack console url show/)
      const never = await openConsole(page, url.replace(/token%3D.*$/, 'token%3Dnone'))
      await never.settled()
      assert.match(await never.status(), /not valid/)
    })
    await env().change({ overrides: { nova: null } })
    await env().ready(180)
  })

  test('a wrong password, and a session whose memcached is gone: sentences, and then one is in again', async () => {
    const url = await dashboardUrl()
    await withBrowser(async (newPage) => {
      const dashboard = new Dashboard(await newPage(), url)
      const myself = await account('myuser')
      await assert.rejects(dashboard.logIn({ ...myself, password: 'not mine' }), (error: unknown) => {
        assert.ok(error instanceof LogInRefused)
        assert.match(error.sentence, /Invalid credentials/)
        return true
      })
      await dashboard.logIn(myself)
      await env().in('delete', 'pod', '-l', 'app.kubernetes.io/name=memcached', '--wait=true')
      await env().in('rollout', 'status', 'deployment/memcached', '--timeout=60s')
      await eventually('the log-in page to say that the session has ended', 30, async () => {
        await dashboard.open('project/instances/')
        return /Your session has ended\. Please log in again\./.test(await dashboard.sentence())
      })
      await dashboard.logIn(myself)
      await dashboard.overview()
    })
  })

  test('a reader sees all panels of the project and is offered nothing that changes anything, a member is', async () => {
    const url = await dashboardUrl()
    await withBrowser(async (newPage) => {
      const [reader, member] = [new Dashboard(await newPage(), url), new Dashboard(await newPage(), url)]
      await reader.logIn(await account('myreader'))
      await member.logIn(await account('myuser'))
      for (const panel of PROJECT_PANELS) {
        assert.deepEqual(await offeredActions(reader, panel), [], `what ${panel} offers to a reader`)
        assert.ok((await offeredActions(member, panel)).length > 0, `${panel} offers something to a member`)
      }
      await reader.open('project/instances/')
      assert.match(await reader.page.locator('#content_body').innerText(), /vm0/)
    })
  })
}
