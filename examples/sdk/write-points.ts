import { Api } from '@sonde/client'

const api = new Api({
  domain: process.env.SONDE_URL ?? 'http://localhost:8080',
  token: process.env.SONDE_TOKEN ?? null,
  tokenType: 'Bearer',
})

const writer = api.openWriter({ project: 'Greenhouse' })
await writer.write({
  device: 'bed north',
  variable: 'temperature',
  value: 21.5,
  time: '2026-05-01T06:00:00Z',
})
await writer.write([
  { device: 'bed north', variable: 'temperature', value: 21.7, time: '2026-05-01T06:10:00.000001Z' },
  { device: 'bed north', variable: 'door', value: 'open', time: new Date('2026-05-01T06:10:00Z') },
  { device: 'bed south', variable: 'temperature', value: Number.NaN },
])
const { writtenCount, rejected } = await writer.close()
console.log(writtenCount, 'written')
for (const { point, reason } of rejected) console.log(`${point.device}: ${reason}`)
