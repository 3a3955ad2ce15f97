import { Api } from '@sonde/client'

const api = new Api({ domain: process.env.SONDE_URL ?? 'http://localhost:8080', timeoutMs: 10_000 })

const isIn = await api.login({ email: 'admin', password: process.env.SONDE_PASSWORD ?? '' })
console.log(isIn, api.username)
if (await api.refreshToken()) console.log('good for another week')
await api.logout()
console.log(api.token)
