import { describe, expect, it } from 'vitest'
import { copyMessages, PostgresAnswerReader, queryMessage, rowsOf } from './postgres-answers.ts'

function message(kind: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(kind)
  head.writeUInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

function row(...cells: (string | undefined)[]): Buffer {
  const parts = cells.map((cell) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(cell === undefined ? -1 : cell.length)
    return Buffer.concat([length, Buffer.from(cell ?? '')])
  })
  return message('D', Buffer.concat([Buffer.of(0, cells.length), ...parts]))
}

const READY = message('Z', Buffer.from('I'))

describe('PostgresAnswerReader', () => {
  it('reads rows, however they are cut into pieces', () => {
    const bytes = Buffer.concat([message('T', Buffer.alloc(9)), row('1', '2.5'), row('3', undefined), READY])
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new PostgresAnswerReader()
      const answers = []
      for (let at = 0; at < bytes.length; at += size) answers.push(reader.push(bytes.subarray(at, at + size)))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(rowsOf(answers.at(-1)!.body)).toEqual([
        ['1', '2.5'],
        ['3', ''],
      ])
    }
  })

  it('reads the text of a COPY', () => {
    const bytes = [message('d', Buffer.from('1,2\n')), message('d', Buffer.from('3,4\n')), READY]
    const answer = new PostgresAnswerReader().push(Buffer.concat(bytes))
    expect(answer).toEqual({ isOk: true, body: Buffer.from('1,2\n3,4\n') })
  })

  it('tells of a failure, and goes on after it', () => {
    const reader = new PostgresAnswerReader()
    const failed = reader.push(Buffer.concat([message('E', Buffer.from('no such table')), READY]))
    expect(failed).toEqual({ isOk: false, body: Buffer.from('no such table') })
    expect(reader.push(READY)).toEqual({ isOk: true, body: Buffer.alloc(0) })
  })
})

describe('messages', () => {
  it('carry their length', () => {
    expect(queryMessage('SELECT 1')).toEqual(message('Q', Buffer.from('SELECT 1\0')))
    const copy = Buffer.concat(copyMessages('COPY t FROM STDIN', Buffer.from('1\n')))
    expect(copy.subarray(-12)).toEqual(
      Buffer.concat([message('d', Buffer.from('1\n')), message('c', Buffer.alloc(0))]),
    )
  })
})
