/** Table of passwords that somebody wants to set anew; a row per account at most. */
export interface PasswordResetTables {
  password_resets: PasswordResetRow
}

export interface PasswordResetRow {
  account_id: number
  /** When somebody asked for it last; null when staff thought of it themselves. */
  requested_at_us: number | null
  /** SHA-256 of the token that staff made, hex; null until they did. */
  token_hash: string | null
  expires_at_us: number | null
}
