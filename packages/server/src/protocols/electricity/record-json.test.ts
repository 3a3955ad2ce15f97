import { describe, expect, it } from 'vitest'
import type { ConsumpRow } from '../../catalog/schema.ts'
import { renderAnswer, renderRecords } from './record-json.ts'

const FIRST: ConsumpRow = {
  id: 1,
  date: '2019-08-01 00:00:00',
  energy: '1.21100',
  reactive_energy: '0.20000',
  power: '5.15600',
  maximeter: '5.30600',
  reactive_power: '-8.38200',
  voltage: '121.95500',
  intensity: '53.00300',
  power_factor: '0.85700',
}
const FIRST_JSON =
  '{"date":"2019-08-01 00:00:00","energy":"1.21100","id":"1","intensity":"53.00300","maximeter":"5.30600",' +
  '"power":"5.15600","power_factor":"0.85700","reactive_energy":"0.20000","reactive_power":"-8.38200",' +
  '"voltage":"121.95500"}'

describe('renderRecords', () => {
  it('writes every value as a string under keys in alphabetical order', () => {
    expect(String(renderRecords([FIRST]))).toBe(FIRST_JSON)
  })

  it('writes None for what is empty', () => {
    const record = JSON.parse(String(renderRecords([{ ...FIRST, energy: null, voltage: null }])))
    expect(record).toMatchObject({ energy: 'None', voltage: 'None', power: '5.15600' })
  })
})

describe('renderAnswer', () => {
  it('puts records around which it counted', () => {
    const parts = [renderRecords([FIRST, FIRST]), renderRecords([FIRST])]
    expect(String(renderAnswer({ message: '', rowCount: 3, parts }))).toBe(
      `{"message":"","status":"OK","statusCode":200,"values":{"numrecs":3,"records":[${FIRST_JSON},${FIRST_JSON},${FIRST_JSON}]}}`,
    )
  })

  it('writes an answer without records', () => {
    expect(JSON.parse(String(renderAnswer({ message: 'I\'m "here"', rowCount: 0, parts: [] })))).toEqual({
      message: 'I\'m "here"',
      status: 'OK',
      statusCode: 200,
      values: { numrecs: 0, records: [] },
    })
  })
})
