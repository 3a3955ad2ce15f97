import { describe, expect, it } from 'vitest'
import { type PointInput, pointLine } from './point-line.ts'

const line = (change: Partial<PointInput> | object) =>
  pointLine({ device: 'north', variable: 'temperature', value: 1, timeUs: 7, ...change }, () => 99)

describe('pointLine', () => {
  it.each([
    [{}, 'temperature,device=north value=1 7'],
    [{ value: 21.5 }, 'temperature,device=north value=21.5 7'],
    [{ value: 1e21 }, 'temperature,device=north value=1e+21 7'],
    [{ value: -0 }, 'temperature,device=north value=-0 7'],
    [{ value: true }, 'temperature,device=north value=true 7'],
    [{ value: 'a "b" \\c' }, 'temperature,device=north value="a \\"b\\" \\\\c" 7'],
    [{ device: 'a b,c=d', variable: 'x y' }, 'x\\ y,device=a\\ b\\,c\\=d value=1 7'],
    [{ timeUs: undefined, time: new Date(5) }, 'temperature,device=north value=1 5000'],
    [{ timeUs: undefined }, 'temperature,device=north value=1 99'],
  ])('writes %j', (change, text) => {
    expect(line(change)).toEqual({ text, lineCount: 1 })
  })

  it('counts the line ends of a text', () => {
    expect(line({ value: 'a\nb\n' })).toMatchObject({ lineCount: 3 })
  })

  it.each([
    [{ device: '' }, 'device is missing; give its name'],
    [{ variable: undefined }, 'variable is missing; give its name'],
    [{ variable: 'a\nb' }, 'variable "a\\nb" has a control character'],
    [{ device: 'a\\' }, 'device "a\\\\" ends with a backslash'],
    [{ device: '\ud800' }, 'device "\\ud800" is no valid Unicode'],
    [{ variable: '#1' }, 'variable "#1" begins with #, as comments do'],
    [{ value: Number.NaN }, 'value is NaN; give a finite number, a text or a boolean'],
    [{ value: null }, 'value is null; give a finite number, a text or a boolean'],
    [{ value: '\ud800' }, 'value is no valid Unicode'],
    [{ timeUs: 0.5 }, 'time 0.5 is none; give ISO 8601, milliseconds or a Date'],
    [{ timeUs: undefined, time: 'noon' }, 'time noon is none; give ISO 8601, milliseconds or a Date'],
  ])('refuses %j', (change, reason) => {
    expect(line(change)).toBe(reason)
  })
})
