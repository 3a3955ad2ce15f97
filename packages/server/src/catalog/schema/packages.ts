/** Rows of the package manager: packages, their tags and files, who may publish, and signatures. */

export interface PackageTables {
  packages: PackageRow
  package_tags: PackageTagRow
  package_files: PackageFileRow
  package_users: PackageUserRow
  package_tokens: PackageTokenRow
  signing_keys: SigningKeyRow
  package_signatures: PackageSignatureRow
}

export interface PackageRow {
  /** From 1, never given twice. */
  id: number
  title: string
  /** Who published into it first. */
  created_by: number
  created_at_us: number
}

export interface PackageTagRow {
  /** From 1 over all packages, never given twice. */
  id: number
  package_id: number
  tag: string
  /** Whose quota its files count for. */
  created_by: number
  created_at_us: number
}

export interface PackageFileRow {
  /** From 1 over all packages, never given twice; within a tag the first is its main file. */
  id: number
  /** That of the tag, here because names are unique in a package. */
  package_id: number
  tag_id: number
  /** ASCII letters, digits, `.`, `_` and `-`. */
  name: string
  media_type: string
  size_bytes: number
  /** Hex; the name of the blob. */
  sha256: string
  /** Hex, for boards that check nothing better. */
  md5: string
  created_at_us: number
}

/** Accounts that registered themselves here. While such an account is not active it may use packages only. */
export interface PackageUserRow {
  account_id: number
}

export interface PackageTokenRow {
  id: string
  account_id: number
  /** SHA-256 of the token, hex. The token itself is shown once and never kept. */
  hash: string
  created_at_us: number
  expires_at_us: number
  revoked_at_us: number | null
}

/** A public key with which an account's signatures are verified. */
export interface SigningKeyRow {
  id: string
  account_id: number
  name: string
  /** The 32 bytes of an Ed25519 public key, base64. */
  public_key: string
  created_at_us: number
}

/** A detached signature of a file's bytes, verified when it came in. */
export interface PackageSignatureRow {
  file_id: number
  key_id: string
  /** The 64 bytes of an Ed25519 signature, base64. */
  signature: string
  created_at_us: number
}
