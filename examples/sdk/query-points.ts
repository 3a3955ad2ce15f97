import { Api } from '@sonde/client'

const api = new Api({
  domain: process.env.SONDE_URL ?? 'http://localhost:8080',
  token: process.env.SONDE_TOKEN ?? null,
  tokenType: 'Bearer',
})
const temperatures = { project: 'Greenhouse', variable: 'temperature', start: '2026-05-01' } as const

// Raw points: columns of times (milliseconds) and values.
const [north] = await api.query(temperatures)
console.log(north.device, north.times.length, north.values)

// Buckets: `values` has an array by aggregate, because several are asked for.
const [hours] = await api.query({ ...temperatures, every: '1h', agg: ['min', 'max'] })
console.log(hours.values.min, hours.values.max)

// Row by row, while the answer comes, however long it is.
for await (const row of api.queryRows({ project: 'Greenhouse' })) {
  console.log(row.time, row.variable, row.value)
}
