/** Why a request is refused, in the words that boards know. The status is 400, whatever the reason. */
import { AppError } from '../../errors.ts'

const MESSAGES = {
  invalid: 'Invalid request',
  id_format: 'ID must be exactly 8 digits long',
  key_format: 'Key must be exactly 16 string long',
  id_taken: 'ID already exists',
  id_unknown: 'ID not found',
  wrong_key: 'Wrong key',
  not_sent: 'Data not sent',
  not_received: 'Data not received',
} as const

export class RefusedRequest extends AppError {
  readonly code = 'invalid'

  static of(reason: keyof typeof MESSAGES): RefusedRequest {
    return new RefusedRequest(MESSAGES[reason])
  }

  static integer(pin: string): RefusedRequest {
    return new RefusedRequest(`Integer limit 4 digits for ${pin}`)
  }

  static text(pin: string): RefusedRequest {
    return new RefusedRequest(`String limit 128 characters for ${pin}`)
  }
}
