import assert from 'node:assert/strict'
import { test } from 'node:test'
import { footprintRows, footprintTable } from './footprint-table.ts'

test('containers are summed by name and part; what has ended or belongs to others is left out', () => {
  const pod = (namespace: string, name: string, mib: number) => ({
    podRef: { namespace, name: `${name}-x` },
    containers: [{ name, memory: { rssBytes: mib * 2 ** 20 } }],
  })
  const rows = footprintRows([
    { pods: [pod('openstack', 'nova-api', 300), pod('openstack', 'keystone-api', 100), pod('openstack', 'nova-schema', 0), pod('kube-system', 'etcd', 50)] },
    { pods: [pod('openstack', 'nova-api', 200), pod('openstack', 'libvirt', 20), pod('teruwa-system', 'operator', 90)] },
  ])
  assert.equal(
    footprintTable(rows),
    [
      '   500 MiB  nova-api (2)',
      '   100 MiB  keystone-api',
      '   600 MiB  control plane together',
      '',
      '    20 MiB  libvirt',
      '    20 MiB  on each node together',
      '',
      '    90 MiB  operator',
      '    90 MiB  operator together',
    ].join('\n'),
  )
})
