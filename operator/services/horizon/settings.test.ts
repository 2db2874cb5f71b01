import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf, TestWorld } from '../../cluster/test-world.ts'

function settingsOf(spec: Record<string, unknown>): Record<string, unknown> {
  const plan = new TestWorld(clusterOf(spec)).plan()
  const config = plan.flatMap(({ objects }) => objects).find(({ metadata }) => metadata.name === 'horizon-config')
  assert.ok(config, plan.find(({ id }) => id === 'horizon/config')?.message)
  const { 'settings.json': text = '' } = config['data'] as Record<string, string>
  return JSON.parse(Buffer.from(text, 'base64').toString()) as Record<string, unknown>
}

test('over http the cookies go over http, and the host is that of the endpoint', () => {
  const settings = settingsOf({})
  assert.equal(settings['SESSION_COOKIE_SECURE'], false)
  assert.equal(settings['CSRF_COOKIE_SECURE'], false)
  assert.equal('SECURE_PROXY_SSL_HEADER' in settings, false)
  assert.deepEqual(settings['ALLOWED_HOSTS'], ['10.0.0.1', 'horizon-web', 'horizon-web.openstack.svc', 'localhost'])
})

test('behind a proxy that ends TLS the cookies are secure, and its host is trusted', () => {
  const settings = settingsOf({
    endpoints: { urls: { horizon: 'https://dashboard.example.com:8443' } },
    services: { horizon: { allowedHosts: ['cloud.example.com'] } },
  })
  assert.equal(settings['SESSION_COOKIE_SECURE'], true)
  assert.equal(settings['CSRF_COOKIE_SECURE'], true)
  assert.deepEqual(settings['SECURE_PROXY_SSL_HEADER'], ['HTTP_X_FORWARDED_PROTO', 'https'])
  assert.deepEqual(settings['CSRF_TRUSTED_ORIGINS'], ['dashboard.example.com:8443'])
  assert.deepEqual(settings['ALLOWED_HOSTS'], ['dashboard.example.com', 'cloud.example.com', 'horizon-web', 'horizon-web.openstack.svc', 'localhost'])
})

test('without self-service networks there are no panels for routers and floating IPs', () => {
  const network = settingsOf({ services: { neutron: { mode: 'Provider' } } })['OPENSTACK_NEUTRON_NETWORK'] as Record<string, unknown>
  assert.equal(network['enable_router'], false)
})

test('settings of the CR win, and one that is no JSON is refused by name while the other steps go on', () => {
  const settings = settingsOf({ services: { horizon: { settings: { SITE_BRANDING: '"A cloud"', TIME_ZONE: '"Europe/Kyiv"' } } } })
  assert.deepEqual([settings['SITE_BRANDING'], settings['TIME_ZONE']], ['A cloud', 'Europe/Kyiv'])
  const plan = new TestWorld(clusterOf({ services: { horizon: { settings: { SITE_BRANDING: 'A cloud' } } } })).plan()
  const step = plan.find(({ id }) => id === 'horizon/config')
  assert.match(step?.problem?.message ?? '', /services\.horizon\.settings\.SITE_BRANDING: A cloud is no JSON/)
  assert.equal(plan.find(({ id }) => id === 'keystone/config')?.state, 'Progressing')
})
