import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingRules } from './security-groups.ts'

const ssh = { direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', portMin: 22, portMax: 22 } as const
const icmp = { direction: 'ingress', ethertype: 'IPv4', protocol: 'icmp' } as const
const listedSsh = {
  id: '1',
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: 'tcp',
  port_range_min: 22,
  port_range_max: 22,
  remote_ip_prefix: null,
  remote_group_id: null,
}

test('a rule that is there is not made again, in whatever words', () => {
  assert.deepEqual(missingRules([ssh], [listedSsh]), [])
  assert.deepEqual(missingRules([{ ...ssh, remoteCidr: '0.0.0.0/0' }], [listedSsh]), [])
  assert.deepEqual(missingRules([{ ...ssh, protocol: '6', portMax: undefined }], [{ ...listedSsh, remote_ip_prefix: '0.0.0.0/0' }]), [])
})

test('each difference makes another rule', () => {
  for (const other of [
    { ...ssh, portMax: 23 },
    { ...ssh, protocol: 'udp' },
    { ...ssh, direction: 'egress' as const },
    { ...ssh, remoteCidr: '10.0.0.0/8' },
    icmp,
  ]) {
    assert.deepEqual(missingRules([other], [listedSsh]), [other])
  }
  // A rule for members of a group is none for everyone.
  assert.deepEqual(missingRules([ssh], [{ ...listedSsh, remote_group_id: 'g' }]), [ssh])
})

test('a rule that is declared twice is made once', () => {
  assert.deepEqual(missingRules([icmp, { ...icmp, remoteCidr: '0.0.0.0/0' }], []), [icmp])
})
