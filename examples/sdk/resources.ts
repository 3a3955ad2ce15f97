import { Api, HttpNotFoundError } from '@sonde/client'

const api = new Api({
  domain: process.env.SONDE_URL ?? 'http://localhost:8080',
  token: process.env.SONDE_TOKEN ?? null,
  tokenType: 'Bearer',
})

// One page of a list, and everything on all pages.
const page = await api.project.get({ name: 'Greenhouse' })
console.log(page.count, page.results[0].slug)
for await (const device of api.device.items({ project: page.results[0].slug })) {
  await api.device(device.slug).patch({ external_id: 'bed-1' })
  const { label, external_id } = await api.device(device.slug).get()
  console.log(label, external_id)
}

// Parts of an object, and what fails.
const streams = await api.stream.get({ project: page.results[0].slug })
const points = await api.stream(streams.results[0].slug).data.get({ lastn: 1 })
console.log(points.results[0].value)
try {
  await api.device('d--ffff').get()
} catch (error) {
  if (error instanceof HttpNotFoundError) console.log(error.status, error.body)
}

// Whatever has no type here is there all the same.
const token = await api.resource('token').post({ name: 'display', scopes: ['read'] })
console.log(Object(token).scopes)
