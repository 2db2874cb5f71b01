import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withBrowser } from '../../local/browser/chromium.ts'
import { openConsoleTab } from '../../local/browser/console.ts'
import { Dashboard } from '../../local/browser/dashboard.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { CLOUD } from './environment.ts'
import type { Environment } from './environment.ts'
import { selfSigned, TlsProxy } from './tls-proxy.ts'

const SELECTOR = 'app.kubernetes.io/name=horizon-web'
const BRAND = 'The Cloud Behind TLS'
/** What a pod of the dashboard signs with, as a hash. */
const SECRET_KEY = `import hashlib, json; print(hashlib.sha256(json.load(open('/etc/openstack-dashboard/teruwa.json'))['SECRET_KEY'].encode()).hexdigest())`

/** The dashboard and the console behind something that ends TLS, with the settings that the operator makes of `endpoints.urls`. */
export function httpsTests(env: () => Environment): void {
  test('behind a proxy that ends TLS, with two replicas and a setting of its own: log-in, secure cookies, the console, and a session that outlives either pod', async (context) => {
    const publicUrl = ({ status }: OpenStackCluster, name: string) => status?.endpoints?.find(({ service }) => service === name)?.public ?? ''
    const plain = await env().ready(60)
    const certificate = await selfSigned(env().folder, '127.0.0.1')
    const proxies = await Promise.all(['horizon', 'nova-novncproxy'].map((name) => TlsProxy.start('127.0.0.1', publicUrl(plain, name), certificate)))
    context.after(() => proxies.forEach((proxy) => proxy.close()))
    const [dashboardUrl = '', consoleUrl = ''] = proxies.map(({ url }) => url)

    await env().change({
      endpoints: { urls: { horizon: dashboardUrl, 'nova-novncproxy': consoleUrl } },
      services: { horizon: { replicas: 2, settings: { SITE_BRANDING: JSON.stringify(BRAND) } } },
    })
    const behind = await env().ready(240)
    assert.deepEqual([publicUrl(behind, 'horizon'), publicUrl(behind, 'nova-novncproxy')], [dashboardUrl, consoleUrl])
    const pods = await env().list<{ metadata: { name: string; deletionTimestamp?: string } }>('pods', '-l', SELECTOR)
    const first = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name)
    assert.equal(first.length, 2)
    const keys = await Promise.all(first.map((pod) => env().in('exec', pod, '--', 'python3', '-c', SECRET_KEY)))
    assert.equal(new Set(keys).size, 1, 'both sign with one key')

    await withBrowser(async (newPage) => {
      const page = await newPage()
      const sockets: string[] = []
      page.on('websocket', (socket) => sockets.push(socket.url()))
      const dashboard = new Dashboard(page, dashboardUrl)
      const { username = '', password = '' } = await env().secret(`${CLOUD}-user-myuser`)
      await dashboard.logIn({ username, password, domain: 'Default' })
      assert.match(page.url(), new RegExp(`^${dashboardUrl}/`), 'no redirect leads back to http')
      assert.match(await page.title(), new RegExp(BRAND))
      const cookies = await page.context().cookies()
      assert.deepEqual(
        cookies
          .filter(({ name }) => /^(sessionid|csrftoken)$/.test(name))
          .map(({ name, secure, httpOnly }) => [name, secure, name === 'csrftoken' || httpOnly]),
        cookies.filter(({ name }) => /^(sessionid|csrftoken)$/.test(name)).map(({ name }) => [name, true, true]),
      )
      assert.ok(cookies.some(({ name }) => name === 'sessionid') && cookies.some(({ name }) => name === 'csrftoken'))
      // With the form's token the log-in above was let through; without it, or sent from another place, one is sent back to the form with a reason.
      const form = { username, password, domain: 'Default', csrfmiddlewaretoken: cookies.find(({ name }) => name === 'csrftoken')?.value ?? '' }
      const post = async (referer: string, fields: Record<string, string>) => {
        const answer = await page.request.post(`${dashboardUrl}/auth/login/`, { form: fields, headers: { referer }, maxRedirects: 0 })
        return answer.headers()['location'] ?? ''
      }
      assert.match(await post(`${dashboardUrl}/auth/login/`, { ...form, csrfmiddlewaretoken: '' }), /csrf_failure=CSRF.*token/i)
      assert.match(await post('https://elsewhere.example.com/', form), /csrf_failure=Referer.*checking.*failed/i)

      const guest = await openConsoleTab(dashboard, 'vm0')
      await guest.waitForScreen()
      assert.match(await guest.status(), /Connected to the console of vm0/)
      assert.ok(
        sockets.some((url) => url.startsWith(consoleUrl.replace('https:', 'wss:'))),
        `a socket through TLS, there were ${sockets.join()}`,
      )

      for (const pod of first) {
        await env().in('delete', 'pod', pod, '--wait=true')
        await env().in('rollout', 'status', 'deployment/horizon-web', '--timeout=120s')
        await dashboard.open('project/instances/')
        assert.match(await page.locator('#content_body').innerText(), /vm0/, `still logged in without ${pod}`)
      }
    })

    await env().change({ endpoints: { urls: null }, services: { horizon: { replicas: 1, settings: null } } })
    const again = await env().ready(240)
    assert.equal(publicUrl(again, 'horizon'), publicUrl(plain, 'horizon'))
  })
}
