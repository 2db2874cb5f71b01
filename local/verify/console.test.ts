import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consoleSocket } from './console.ts'

test('the socket is what the page would open', () => {
  assert.equal(consoleSocket('http://10.20.20.11:31827/console.html?path=%3Ftoken%3D69dde927'), 'ws://10.20.20.11:31827/?token=69dde927')
  assert.equal(consoleSocket('https://console.example.com/console.html?path=%3Ftoken%3Da'), 'wss://console.example.com/?token=a')
  assert.throws(() => consoleSocket('http://host/console.html?token=a'), /no parameter path/)
})
