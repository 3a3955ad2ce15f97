/** The process entry. No policy lives here. */
import { serve } from './serve.ts'

await serve(process.env)
