import { expect, it } from 'vitest'
import { BARS_MAX, barChart, formatNumber } from './bar-chart.ts'

const chart = (...values: number[]) =>
  barChart({ title: 't', unit: '<l>', bars: values.map((value) => ({ label: 'a&b', value })) })
const heights = (svg: string) =>
  Array.from(svg.matchAll(/height="([\d.]+)"><title>/g), ([, text]) => Number(text))

it('draws bars in proportion, down from the axis for what is negative', () => {
  expect(heights(chart(10, 5, -10))).toEqual([100, 50, 100])
  expect(chart(10, -10)).toContain('<line x1="70" y1="110.0"')
  expect(heights(chart(0, 0))).toEqual([0, 0])
})

it('escapes what people wrote', () => {
  expect(chart(1)).toContain('<title>a&amp;b: 1 &lt;l&gt;</title>')
})

it('draws nothing for nothing, and for more than can be seen', () => {
  expect([chart(), chart(...Array(BARS_MAX + 1).fill(1))]).toEqual(['', ''])
})

it.each([
  [0.33205301075163773, '0.332053'],
  [199, '199'],
  [1e21, '1e+21'],
])('shortens %d to %s', (value, text) => {
  expect(formatNumber(value)).toBe(text)
})
