/** What a route is. */
import type { Answer, Ask } from '../mock-http.ts'

export type Handler = (ask: Ask) => Answer | Promise<Answer>

/** Path below `/api/v1/`, with `:name` for what is left open, and what answers there by method. */
export type Routes = Readonly<Record<string, Readonly<Partial<Record<string, Handler>>>>>
