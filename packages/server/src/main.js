/**
 * The process entry. No policy lives here.
 *
 * Node keeps what it made of each file, so that from the second start on it neither strips types nor compiles
 * again. This file is JavaScript because it runs before that: a single file of TypeScript would load the
 * program that strips types, 18 MB of memory for as long as the server runs. Where the folder cannot be written,
 * each start does all of the work.
 */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Threads have no other way to learn of it.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../../../node_modules/.cache/sonde')
enableCompileCache(process.env.NODE_COMPILE_CACHE)
const { serve } = await import('./serve.ts')
await serve(process.env)
