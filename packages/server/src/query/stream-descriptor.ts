/** What a query has to know of a stream: its number in the points store, and what to call it in an answer. */
export interface StreamDescriptor {
  readonly id: number
  readonly slug: string
  readonly projectSlug: string
  readonly projectName: string
  /** Both undefined for a stream that belongs to no device. */
  readonly deviceSlug: string | undefined
  readonly deviceName: string | undefined
  readonly variableSlug: string
  readonly variableName: string
}
