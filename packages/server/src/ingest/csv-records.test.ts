import { describe, expect, it } from 'vitest'
import { CsvRecordReader, RECORD_CHARS_MAX } from './csv-records.ts'

/** Records as `<line> <cell>|<cell>`, what could not be read as `<line> ! <problem>`. */
function read(text: string, { delimiter = ',', pieces = [text] } = {}): string[] {
  const reader = new CsvRecordReader(delimiter)
  const found = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
  return found.map((item) =>
    'cells' in item ? `${item.line} ${item.cells.join('|')}` : `${item.line} ! ${item.problem}`,
  )
}

const MISPLACED = '! A quotation mark is out of place'

describe('CsvRecordReader', () => {
  it.each<[text: string, records: string[]]>([
    ['', []],
    ['a,b', ['1 a|b']],
    ['a,b\n1,2\n', ['1 a|b', '2 1|2']],
    ['a,b\r\n1,2\r\n', ['1 a|b', '2 1|2']],
    [' a ,\t b\n', ['1 a|b']],
    ['a,b\n\n  \n,\n1,2', ['1 a|b', '5 1|2']],
    ['a,,\n', ['1 a||']],
    ['"a,b",c\n', ['1 a,b|c']],
    ['"a ""b""", "c" \n', ['1 a "b"|c']],
    ['"a\nb",c\nd,e\n', ['1 a\nb|c', '3 d|e']],
    ['"a\r\nb",c\r\nd,e', ['1 a\r\nb|c', '3 d|e']],
    ['"a"', ['1 a']],
  ])('reads %j', (text, records) => {
    expect(read(text)).toEqual(records)
  })

  it.each<[delimiter: string, text: string, records: string[]]>([
    [';', 'a,b;"c;d"\n', ['1 a,b|c;d']],
    ['\t', '\ta\t\n\t"b\tc"\t\n', ['1 |a|', '2 |b\tc|']],
    ['|', 'a|b\n', ['1 a|b']],
  ])('cuts at %j', (delimiter, text, records) => {
    expect(read(text, { delimiter })).toEqual(records)
  })

  it.each<[what: string, text: string, records: string[]]>([
    ['an inch mark', '1,5" pipe\n2,x\n', [`1 ${MISPLACED}`, '2 2|x']],
    [
      'two inch marks',
      '1,5" pipe\n2,x\n3,6" pipe\n4,x',
      [`1 ${MISPLACED}`, '2 2|x', `3 ${MISPLACED}`, '4 4|x'],
    ],
    ['a mark that never closes', '1,"x\n2,x\n3,x\n', [`1 ${MISPLACED}`, '2 2|x', '3 3|x']],
    ['text after a closing mark', '1,"x"y\n2,"z"\n', [`1 ${MISPLACED}`, '2 2|z']],
    ['a zero byte', '1,"x",a\0b\n2,x\n', [`1 ${MISPLACED}`, '2 2|x']],
  ])('gives up the line of %s and keeps its neighbours', (_, text, records) => {
    expect(read(text)).toEqual(records)
  })

  it('drops a line that is too long, however it comes, and reports it once', () => {
    const piece = 'x'.repeat(RECORD_CHARS_MAX / 2)
    const records = ['1 a', `2 ! The line is longer than ${RECORD_CHARS_MAX} characters`, '3 b']
    const pieces = ['a\n', piece, piece, piece, piece, piece, 'x\nb\n']
    expect(read('', { pieces })).toEqual(records)
    expect(read('', { pieces: [...pieces.slice(0, -1), 'x'] })).toEqual(records.slice(0, 2))
  })

  it('gives up an open quotation mark before a line that is too long', () => {
    const pieces = ['1,"x\n2,x\n', 'y'.repeat(RECORD_CHARS_MAX + 1), '\n3,x']
    expect(read('', { pieces })).toEqual([
      `1 ${MISPLACED}`,
      '2 2|x',
      `3 ! The line is longer than ${RECORD_CHARS_MAX} characters`,
      '4 3|x',
    ])
  })

  it('looks no further for a closing mark than a record may reach', () => {
    const line = `${'y'.repeat(1023)}\n`
    const text = `1,"x\n${line.repeat(RECORD_CHARS_MAX / 1024)}z,"\n`
    expect(read(text)).toContain(`1 ${MISPLACED}`)
    expect(read(text)).toHaveLength(RECORD_CHARS_MAX / 1024 + 2)
  })

  it('counts the lines that it has read', () => {
    const reader = new CsvRecordReader(',')
    reader.push('a\n"b\n')
    expect(reader.lineCount).toBe(1)
    reader.push('c"\nd')
    expect(reader.lineCount).toBe(3)
    reader.end()
    expect(reader.lineCount).toBe(4)
  })
})
