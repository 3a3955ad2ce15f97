/** Calendar arithmetic, for those who ask for it: a server without calendar queries does without the package. */
import { createRequire } from 'node:module'
import type * as polyfill from 'temporal-polyfill'
import { once } from './once.ts'

const require = createRequire(import.meta.url)

/** Loads at the first call, and in place, since those who ask cannot wait. */
export const temporal = once<typeof polyfill.Temporal>(() => require('temporal-polyfill').Temporal)
