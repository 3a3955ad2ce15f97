import { describe, expect, it } from 'vitest'
import { decodeMsgpack } from './decode-msgpack.ts'
import { openCloud } from './reference-data.fixture.ts'

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
const decode = (hex: string) => decodeMsgpack(bytesOf(hex))

/** The sample of the interface: device 10, streamer 256, two readings. */
const REPORT =
  '8aa6666f726d6174a476313030a66465766963650aae73747265616d65725f696e646578cd0100b173747265616d65725f73656c6563746f72cdffffae696e6372656d656e74616c5f696403a96c6f776573745f696401aa686967686573745f696402b56465766963655f73656e745f74696d657374616d7032a66576656e747390a4646174619285a673747265616dcd5001b173747265616d65725f6c6f63616c5f696401a974696d657374616d70c0b06465766963655f74696d657374616d701ea576616c75650585a673747265616dcd5001b173747265616d65725f6c6f63616c5f696402a974696d657374616d70b4323031382d30312d30315430303a30303a31305ab06465766963655f74696d657374616d7028a576616c756506'

describe('decodeMsgpack', () => {
  it.each([
    ['7f', 127],
    ['ff', -1],
    ['cc80', 128],
    ['cdffff', 65_535],
    ['ceffffffff', 4_294_967_295],
    ['d080', -128],
    ['d2ffffff7f', -129],
    ['ca3fc00000', 1.5],
    ['cb3ff8000000000000', 1.5],
    ['c0', null],
    ['c2', false],
    ['c3', true],
    ['a161', 'a'],
    ['d90161', 'a'],
    ['c40161', 'a'],
    ['920102', [1, 2]],
    ['dc000101', [1]],
    ['81a16101', { a: 1 }],
    ['de0001c4016101', { a: 1 }],
  ])('reads %s', (hex, value) => {
    expect(decode(hex)).toEqual(value)
  })

  it.each(['', 'a2', '92', 'ddffffffff', 'c1', 'd401', '0101', '91'.repeat(40)])('refuses %j', (hex) => {
    expect(() => decode(hex)).toThrow(RangeError)
  })
})

describe('reports in MessagePack', () => {
  it('are counted by a mock cloud', async () => {
    const { cloud, api } = await openCloud()
    cloud.quickAddDevice(cloud.quickAddProject()[0], 10)
    const send = (bytes: Uint8Array<ArrayBuffer>) =>
      api.streamer.report.uploadFp(new File([bytes], 'a.mp'), {}, { timestamp: '2018-01-01T00:01:00Z' })
    expect(await send(bytesOf(REPORT))).toEqual({ count: 2 })
    expect(await api.streamer('t--000a--0100').get()).toMatchObject({ last_id: 2, index: 256 })
    const other = bytesOf(REPORT.replace('a476313030', 'a476303939'))
    await expect(send(other)).rejects.toThrow('Unsupported Report Format: v099')
    await expect(send(other.subarray(0, 40))).rejects.toThrow('It is cut off')
  })
})
