import { Encoder } from '@msgpack/msgpack'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InvalidError } from '../../errors.ts'
import { SAMPLE_V100 } from './dictionary-report.fixture.ts'
import { parseDictionaryReport } from './dictionary-report.ts'
import { checkMsgpackShape } from './msgpack-shape.ts'
import { readJsonDocument, readMsgpackDocument } from './report-document.ts'

/** Whether it does one of the two things that a parser may do with bytes of a stranger. */
function answers(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    return error instanceof InvalidError
  }
}

it('reads or refuses whatever comes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(answers(() => parseDictionaryReport(readMsgpackDocument(bytes)))).toBe(true)
      expect(answers(() => parseDictionaryReport(readJsonDocument(bytes)))).toBe(true)
    }),
  )
  fc.assert(
    fc.property(fc.nat({ max: SAMPLE_V100.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
      const bytes = Buffer.from(SAMPLE_V100)
      bytes[at] = byte
      expect(answers(() => parseDictionaryReport(readMsgpackDocument(bytes)))).toBe(true)
    }),
  )
})

it('has nothing against a document of usual depth, and reads it as it was written', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (document) => {
      const bytes = new Encoder().encode(document)
      checkMsgpackShape(bytes, 32)
      if (JSON.stringify(document).includes('__')) return
      expect(readMsgpackDocument(bytes)).toEqual(JSON.parse(JSON.stringify(document)))
    }),
  )
})
