/** Ids as InfluxDB 2 has them, 16 hex digits; its clients check the form. */

export function bucketIdOf(projectId: number): string {
  return projectId.toString(16).padStart(16, '0')
}

/** Undefined for a text of another form. */
export function projectIdOf(bucketId: string): number | undefined {
  return /^0{8}[\da-f]{8}$/i.test(bucketId) ? Number.parseInt(bucketId, 16) : undefined
}

/** The beginning of the organisation's UUID. */
export function orgIdOf(uuid: string): string {
  return uuid.replaceAll('-', '').slice(0, 16)
}
