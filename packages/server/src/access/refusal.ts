/** Why a credential was refused. Protocols answer some reasons in words or statuses of their own. */
import { UnauthenticatedError } from '../errors.ts'

const MESSAGES = {
  no_credentials: 'Invalid Authorization header. No credentials provided.',
  credentials_with_spaces: 'Invalid Authorization header. Credentials string should not contain spaces.',
  /** Who asks for a password is not told which accounts exist. */
  unknown_user: 'Username/password combination invalid.',
  wrong_password: 'Username/password combination invalid.',
  inactive: 'This account is not Active.',
  jwt_malformed: 'Error decoding signature.',
  jwt_expired: 'Signature has expired.',
  jwt_refresh_expired: 'Refresh has expired.',
  jwt_revoked: 'Session has ended.',
  jwt_credentials_changed: 'Password has changed.',
  token_unknown: 'Invalid token.',
  token_expired: 'Invalid token.',
  token_revoked: 'Invalid token.',
} as const

export type RefusalReason = keyof typeof MESSAGES

export class RefusedError extends UnauthenticatedError {
  readonly reason: RefusalReason
  constructor(reason: RefusalReason) {
    super(MESSAGES[reason])
    this.reason = reason
  }
}
