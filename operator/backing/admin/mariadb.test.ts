import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { ensureDatabases } from './mariadb.ts'

const HOST_NOT_PRIVILEGED = 1130
const want = { database: 'glance', user: 'glance', password: 'hunter2', passwordFrom: 'kubectl get secret' }

/** A server that greets with an error, as MariaDB does where no user may come from the client's host. */
async function refusing(errno: number) {
  const text = Buffer.from("Host 'x' is not allowed to connect to this MariaDB server")
  const body = Buffer.concat([Buffer.from([0xff, errno & 0xff, errno >> 8]), text])
  const server = createServer((socket) => socket.end(Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() }
}

test('a server without a user for the operator’s host lacks the users: what is to be run is said, without the password', async () => {
  using server = await refusing(HOST_NOT_PRIVILEGED)
  await assert.rejects(ensureDatabases({ host: '127.0.0.1', port: server.port, external: true }, [want]), (error: Error) => {
    assert.match(error.message, /^backing\.database\.external: MariaDB at 127\.0\.0\.1:\d+ lacks what glance needs; .*CREATE USER IF NOT EXISTS 'glance'@'%'/)
    assert.match(error.message, /ALTER USER 'glance'@'%' IDENTIFIED BY 'PASSWORD'; GRANT ALL .*; where PASSWORD is what this says: kubectl get secret$/)
    assert.ok(!error.message.includes('hunter2'))
    return true
  })
})

test('an administrator who may not come in is named, with the field', async () => {
  using server = await refusing(HOST_NOT_PRIVILEGED)
  const admin = { user: 'dba', password: 'hunter2' }
  await assert.rejects(
    ensureDatabases({ host: '127.0.0.1', port: server.port, external: true, admin }, [want]),
    /^DeclarationError: backing\.database\.external\.adminSecret: MariaDB at 127\.0\.0\.1:\d+ refuses the login of dba$/,
  )
})
