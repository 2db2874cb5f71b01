import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MANAGEMENT_RANGES, PROVIDER_RANGES, addressOf, chooseRange, formatCidr, overlaps, parseCidr, routedRanges } from './cidr.ts'

void describe('cidr', () => {
  void it('parses and formats ranges, and says what is wrong with others', () => {
    assert.equal(formatCidr(parseCidr('192.168.0.0/23')), '192.168.0.0/23')
    assert.equal(formatCidr(parseCidr('255.255.255.0/24')), '255.255.255.0/24')
    assert.throws(() => parseCidr('192.168.1.0/23'), /write 192\.168\.0\.0\/23/)
    assert.throws(() => parseCidr('192.168.0.0'), /no IPv4 range/)
    assert.throws(() => parseCidr('192.168.0.256/32'), /no IPv4 address/)
  })

  void it('sees overlaps in both directions and none between neighbours', () => {
    const range = parseCidr('192.168.0.0/23')
    assert.ok(overlaps(range, parseCidr('192.168.1.0/24')))
    assert.ok(overlaps(parseCidr('192.168.1.128/25'), range))
    assert.ok(overlaps(range, parseCidr('192.168.0.0/16')))
    assert.ok(!overlaps(range, parseCidr('192.168.2.0/24')))
    assert.ok(!overlaps(range, parseCidr('192.167.255.0/24')))
  })

  void it('counts addresses over the end of an octet, and not over the end of the range', () => {
    assert.equal(addressOf(parseCidr('192.168.0.0/23'), 257), '192.168.1.1')
    assert.throws(() => addressOf(parseCidr('10.0.0.0/24'), 256), /take a wider range/)
  })

  void it('reads the routes of a host', () => {
    const routes = routedRanges(
      [
        'default via 192.168.1.1 dev wlan0',
        '192.168.1.0/24 dev wlan0 proto kernel scope link src 192.168.1.7',
        '10.8.0.9 dev tun0 scope link',
        'unreachable 10.99.0.0/16 metric 1',
        'local 192.168.1.7 dev wlan0 table local proto kernel scope host src 192.168.1.7',
        'broadcast 192.168.1.255 dev wlan0 table local',
        '',
      ].join('\n'),
    )
    assert.deepEqual(
      routes.map(({ cidr }) => formatCidr(cidr)),
      ['192.168.1.0/24', '10.8.0.9/32', '10.99.0.0/16'],
    )
    assert.match(routes[0]?.by ?? '', /192\.168\.1\.0\/24 by wlan0/)
  })

  void it('takes the first free range of the list and says why not an earlier one', () => {
    const used = [{ cidr: parseCidr('192.168.1.0/24'), by: "the host's route 192.168.1.0/24 by wlan0" }]
    const chosen = chooseRange('provider', used, PROVIDER_RANGES)
    assert.equal(formatCidr(chosen.cidr), '192.168.200.0/23')
    assert.deepEqual(chosen.passedOver, ["192.168.0.0/23 overlaps with the host's route 192.168.1.0/24 by wlan0 (192.168.1.0/24)"])
    assert.equal(formatCidr(chooseRange('provider', [], PROVIDER_RANGES).cidr), '192.168.0.0/23')
  })

  void it('refuses a wanted range that overlaps, instead of taking another', () => {
    const used = [{ cidr: parseCidr('192.168.1.0/24'), by: 'the docker network home' }]
    assert.throws(() => chooseRange('provider', used, PROVIDER_RANGES, '192.168.0.0/23'), /overlaps with the docker network home/)
    assert.equal(formatCidr(chooseRange('provider', used, PROVIDER_RANGES, '10.1.0.0/23').cidr), '10.1.0.0/23')
    assert.throws(
      () =>
        chooseRange(
          'provider',
          [
            { cidr: parseCidr('0.0.0.0/1'), by: 'a' },
            { cidr: parseCidr('128.0.0.0/1'), by: 'b' },
          ],
          PROVIDER_RANGES,
        ),
      /No provider range is free/,
    )
  })

  void it('lists ranges of the right size that overlap neither with each other nor with pods and Services', () => {
    const all = [...MANAGEMENT_RANGES, ...PROVIDER_RANGES, '10.244.0.0/16', '10.96.0.0/12'].map(parseCidr)
    for (const [i, a] of all.entries()) for (const b of all.slice(i + 1)) assert.ok(!overlaps(a, b), `${formatCidr(a)} ${formatCidr(b)}`)
    assert.ok(MANAGEMENT_RANGES.every((range) => range.endsWith('/24')))
    assert.ok(PROVIDER_RANGES.every((range) => range.endsWith('/23')))
  })
})
