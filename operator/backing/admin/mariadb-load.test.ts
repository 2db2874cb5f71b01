import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseLoad } from './mariadb-load.ts'

const row = (name: string, value: string) => ({ Variable_name: name, Value: value })
const connections = [row('Threads_connected', '42'), row('max_connections', '1000')]

test('a server by itself has connections, and is no member of anything', () => {
  const off = [...connections, row('wsrep_on', 'OFF'), row('wsrep_cluster_size', '0'), row('wsrep_ready', 'OFF')]
  assert.deepEqual(databaseLoad(off), { connections: 42, maxConnections: 1000 })
  assert.deepEqual(databaseLoad(connections), { connections: 42, maxConnections: 1000 }, 'one that knows no Galera')
})

test('a node of a Galera cluster says how many they are, and whether it takes part', () => {
  const node = (size: string, ready: string) =>
    databaseLoad([...connections, row('wsrep_on', 'ON'), row('wsrep_cluster_size', size), row('wsrep_ready', ready)])?.galera
  assert.deepEqual(node('3', 'ON'), { members: 3, ready: true })
  assert.deepEqual(node('1', 'OFF'), { members: 1, ready: false })
})

test('nothing is made up of an answer that lacks what was asked for', () => {
  assert.equal(databaseLoad([row('Threads_connected', '42')]), undefined)
  assert.equal(databaseLoad([]), undefined)
})
