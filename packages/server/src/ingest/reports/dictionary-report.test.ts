import { Encoder } from '@msgpack/msgpack'
import { describe, expect, it } from 'vitest'
import { InvalidError } from '../../errors.ts'
import { parseIsoUs } from '../../model/time.ts'
import { SAMPLE_V100 } from './dictionary-report.fixture.ts'
import { parseDictionaryReport } from './dictionary-report.ts'
import { readJsonDocument, readMsgpackDocument } from './report-document.ts'

const TIME_US = parseIsoUs('2018-01-01T00:00:10Z')
const READING = { stream: '5001', streamer_local_id: 1, timestamp: null, device_timestamp: 30, value: 5 }
const REPORT = {
  format: 'v100',
  device: 10,
  streamer_index: 256,
  streamer_selector: 0xffff,
  incremental_id: 3,
  lowest_id: 1,
  highest_id: 2,
  device_sent_timestamp: 50,
  events: [] as unknown[],
  data: [READING] as unknown[],
}
const json = (document: unknown) => Buffer.from(JSON.stringify(document))
const msgpack = (document: unknown) => new Encoder().encode(document)
const readJson = (document: unknown) => parseDictionaryReport(readJsonDocument(json(document)))
const readMsgpack = (document: unknown) => parseDictionaryReport(readMsgpackDocument(msgpack(document)))

describe('dictionary reports', () => {
  it('reads the sample', () => {
    expect(parseDictionaryReport(readMsgpackDocument(SAMPLE_V100))).toEqual({
      device: 10,
      streamerIndex: 256,
      selector: 0xffff,
      reportId: 3,
      sentS: 50,
      lowestId: 1,
      highestId: 2,
      isChopped: false,
      readings: [
        { lid: 0x5001, id: 1, deviceS: 30, timeUs: undefined, raw: 5 },
        { lid: 0x5001, id: 2, deviceS: 40, timeUs: TIME_US, raw: 6 },
      ],
      events: [],
    })
  })

  it('reads the same from msgpack and JSON', () => {
    const event = { ...READING, extra_data: { peak: 1.5 }, data: [1, { a: null }] }
    const report = { ...REPORT, events: [event] }
    expect(readMsgpack(report)).toEqual(readJson(report))
    expect(readJson(report).events).toEqual([
      {
        lid: 0x5001,
        id: 1,
        deviceS: 30,
        timeUs: undefined,
        extraData: { peak: 1.5 },
        data: [1, { a: null }],
      },
    ])
  })

  it.each<[string, object, object]>([
    ['a number of a variable', { stream: 20481 }, { lid: 0x5001 }],
    ['capital digits', { stream: '5C00' }, { lid: 0x5c00 }],
    ['an unknown uptime', { device_timestamp: 0xffffffff }, { deviceS: null }],
    ['no uptime', { device_timestamp: null }, { deviceS: null }],
    ['a time without a zone', { timestamp: '2018-01-01T00:00:10' }, { timeUs: TIME_US }],
    [
      'a datetime',
      { timestamp: { __class__: 'datetime', as_str: '2018-01-01T00:00:10Z' } },
      { timeUs: TIME_US },
    ],
    [
      'a date',
      { timestamp: { __class__: 'date', as_str: '2018-01-01' } },
      { timeUs: parseIsoUs('2018-01-01') },
    ],
    ['a decimal', { value: { __class__: 'decimal', as_str: '7' } }, { raw: 7 }],
  ])('understands %s', (_, change, expected) => {
    const report = { ...REPORT, data: [{ ...READING, ...change }] }
    expect(readJson(report).readings[0]).toMatchObject(expected)
    expect(readMsgpack(report).readings[0]).toMatchObject(expected)
  })

  it('understands keys and texts that are bytes', () => {
    // The sample's only two characters `v100`, and its first key, as bytes of a given length.
    const hex = Buffer.from(SAMPLE_V100).toString('hex')
    const key = hex.replace('a6666f726d6174a476313030', 'c406666f726d6174c40476313030')
    expect(key).not.toBe(hex)
    expect(parseDictionaryReport(readMsgpackDocument(Buffer.from(key, 'hex'))).device).toBe(10)
  })

  it.each<[string, unknown, string | RegExp]>([
    ['another format', { ...REPORT, format: 'v99' }, 'Unsupported Report Format: "v99"'],
    ['no format', {}, 'Unsupported Report Format: nothing'],
    ['a list', [REPORT], 'the report must be an object with named fields'],
    ['no device', { ...REPORT, device: undefined }, /^device must be an integer from 0 to/],
    [
      'an index that is too large',
      { ...REPORT, streamer_index: 65_536 },
      /^streamer_index must be .* not 65536$/,
    ],
    ['half a second', { ...REPORT, device_sent_timestamp: 0.5 }, /^device_sent_timestamp must be/],
    ['data that are no list', { ...REPORT, data: {} }, 'data must be a list'],
    ['no events', { ...REPORT, events: undefined }, 'events must be a list'],
    ['a reading that is none', { ...REPORT, data: [5] }, 'data[0] must be an object with named fields'],
    [
      'a variable that is none',
      { ...REPORT, data: [{ ...READING, stream: 'xyz' }] },
      /^data\[0\]\.stream must be/,
    ],
    [
      'a text as value',
      { ...REPORT, data: [{ ...READING, value: '5' }] },
      /^data\[0\]\.value must be .* not "5"$/,
    ],
    [
      'a time that is none',
      { ...REPORT, data: [{ ...READING, timestamp: 'soon' }] },
      'data[0].timestamp is no ISO 8601 time: "soon"',
    ],
    [
      'extra data that are none',
      { ...REPORT, events: [{ ...READING, extra_data: [1] }] },
      'events[0].extra_data must be an object with named fields',
    ],
    [
      'another class',
      { ...REPORT, data: [{ ...READING, value: { __class__: 'Popen', as_str: 'x' } }] },
      /^The report has a __class__ other than/,
    ],
    [
      'a class without text',
      { ...REPORT, device: { __class__: 'decimal' } },
      'The report has a __class__ without as_str',
    ],
    [
      'a decimal that is none',
      { ...REPORT, device: { __class__: 'decimal', as_str: ' ' } },
      /^The report has the decimal/,
    ],
  ])('refuses %s, in either encoding', (_, document, message) => {
    for (const read of [readJson, readMsgpack]) {
      expect(() => read(document)).toThrow(InvalidError)
      expect(() => read(document)).toThrow(message)
    }
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', Buffer.alloc(0), /ends too early/],
    ['half a document', SAMPLE_V100.subarray(0, 200), /ends too early/],
    ['more than one document', Buffer.concat([SAMPLE_V100, Buffer.alloc(3)]), /3 bytes too many/],
    ['a list of four thousand million', Buffer.from('ddffffffff', 'hex'), /ends too early/],
    ['a map of four thousand million', Buffer.from('dfffffffff', 'hex'), /ends too early/],
    ['a text of two gigabytes', Buffer.from('db7fffffff', 'hex'), /ends too early/],
    [
      'lists that share their bytes',
      Buffer.from(`${'dc0100'.repeat(20)}${'00'.repeat(300)}`, 'hex'),
      /ends too early/,
    ],
    ['lists in lists', Buffer.from(`${'91'.repeat(100)}00`, 'hex'), /more than 32 levels deep/],
    ['an extension', Buffer.from('d6ff00000000', 'hex'), /extension type/],
    ['a byte without meaning', Buffer.from('c1', 'hex'), /extension type/],
    ['a list as key', Buffer.from('8190c0', 'hex'), /key that is no text/],
    ['a key that reaches for the prototype', Buffer.from('81a95f5f70726f746f5f5fc0', 'hex'), /msgpack/],
    ['a text that is not UTF-8', Buffer.from('81a161c402fffe', 'hex'), /not UTF-8/],
  ])('refuses msgpack of %s', (_, bytes, message) => {
    expect(() => readMsgpackDocument(bytes)).toThrow(InvalidError)
    expect(() => readMsgpackDocument(bytes)).toThrow(message)
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', Buffer.alloc(0), /cannot be read as JSON/],
    ['lists in lists', Buffer.from('['.repeat(500_000) + ']'.repeat(500_000)), /more than 32 levels deep/],
    ['bytes that are no text', Buffer.from([0x22, 0xff, 0x22]), /not UTF-8/],
  ])('refuses JSON of %s', (_, bytes, message) => {
    expect(() => readJsonDocument(bytes)).toThrow(InvalidError)
    expect(() => readJsonDocument(bytes)).toThrow(message)
  })
})
