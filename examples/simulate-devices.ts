/**
 * A greenhouse that is not there: three beds that send temperature, humidity and soil moisture, as a small
 * program would send them. `node examples/simulate-devices.ts` writes to SONDE_URL with SONDE_TOKEN, once
 * a second, until Ctrl-C; `--count 10` stops after ten rounds.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const BEDS = ['bed north', 'bed middle', 'bed south']
const DAY_MS = 24 * 60 * 60 * 1_000

const { SONDE_URL = 'http://localhost:8080', SONDE_TOKEN = '' } = process.env
const { values } = parseArgs({
  options: { count: { type: 'string', default: 'Infinity' }, pause: { type: 'string', default: '1000' } },
})

for (let round = 0; round < Number(values.count); round++) {
  if (round > 0) await sleep(Number(values.pause))
  await Promise.all(BEDS.map((bed, i) => send(bed, reading(Date.now(), i))))
}

/** Each column but the first becomes a variable of the device; what is new is made on the way. */
async function send(device: string, csv: string): Promise<void> {
  const address = new URL('/api/v1/import/csv/', SONDE_URL)
  address.search = new URLSearchParams({ project: 'Greenhouse', device, time_format: 'ms' }).toString()
  const headers = { authorization: `Token ${SONDE_TOKEN}`, 'content-type': 'text/csv' }
  const reply = await fetch(address, { method: 'POST', headers, body: csv })
  const answer = await reply.text()
  if (!reply.ok || answer.includes('"error"')) throw new Error(`${reply.status}: ${answer.trim()}`)
}

function reading(timeMs: number, bed: number): string {
  const sun = Math.sin((2 * Math.PI * (timeMs % DAY_MS)) / DAY_MS)
  const temperature = 19 + 6 * sun + bed + wobble()
  const humidity = 65 - 12 * sun + 2 * wobble()
  const moisture = 30 + 4 * bed + wobble()
  const row = [temperature, humidity, moisture].map((value) => value.toFixed(1))
  return `time,temperature,humidity,soil moisture\n${timeMs},${row.join(',')}\n`
}

function wobble(): number {
  return Math.random() - 0.5
}
