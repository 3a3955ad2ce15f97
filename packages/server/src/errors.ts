/**
 * Failures that a caller can act on. The core throws these and knows no transport; each protocol maps
 * every code to its own status and body. A bug is a failed assertion, never an `AppError`.
 * Every code is explained in `docs/reference/errors.md`.
 */
export const ERROR_CODES = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'too_large',
  'rate_limited',
  'overloaded',
  'unavailable',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export abstract class AppError extends Error {
  abstract readonly code: ErrorCode
}

/** The request contradicts itself or a rule. `fields` names the offending ones, when there are any. */
export class InvalidError extends AppError {
  readonly code = 'invalid'
  readonly fields: Readonly<Record<string, string[]>> | undefined
  constructor(message: string, fields?: Record<string, string[]>) {
    super(message)
    this.fields = fields
  }

  /** The usual case: one field, one reason. */
  static field(name: string, reason: string): InvalidError {
    return new InvalidError(`${name}: ${reason}`, { [name]: [reason] })
  }
}

export class UnauthenticatedError extends AppError {
  readonly code = 'unauthenticated'
}

export class ForbiddenError extends AppError {
  readonly code = 'forbidden'
  constructor(message = 'You do not have permission to perform this action.') {
    super(message)
  }
}

export class NotFoundError extends AppError {
  readonly code = 'not_found'
  constructor(message = 'Not found.') {
    super(message)
  }
}

/** What the caller wants to create exists already. */
export class ConflictError extends AppError {
  readonly code = 'conflict'
}

/** Over a limit of `config.ts`; nothing was stored. */
export class TooLargeError extends AppError {
  readonly code = 'too_large'
}

/** Too many failed attempts; try again after `retryAfterMs`. */
export class RateLimitedError extends AppError {
  readonly code = 'rate_limited'
  readonly retryAfterMs: number
  constructor(message: string, retryAfterMs: number) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** A queue is full; the same request may succeed after `retryAfterMs`. */
export class OverloadedError extends AppError {
  readonly code = 'overloaded'
  readonly retryAfterMs: number
  constructor(message: string, retryAfterMs: number) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** The store stopped taking writes after a disk failure; a restart replays the log. */
export class UnavailableError extends AppError {
  readonly code = 'unavailable'
}
