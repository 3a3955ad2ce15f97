/** Rows as they are read, in columns that grow; a row that turns out bad is written over by the next one. */
export class LineColumns {
  fields: Int32Array
  timesUs: Float64Array
  values: Float64Array
  /** Number of the line that each row stands on. */
  lines: Uint32Array
  /** For whoever finds the streams of the fields. */
  streamIds: Uint32Array

  constructor(capacity: number) {
    this.fields = new Int32Array(capacity)
    this.timesUs = new Float64Array(capacity)
    this.values = new Float64Array(capacity)
    this.lines = new Uint32Array(capacity)
    this.streamIds = new Uint32Array(capacity)
  }

  get capacity(): number {
    return this.fields.length
  }

  /** Makes room for twice as many rows. */
  grow(): void {
    const from = { ...this }
    const capacity = 2 * this.capacity
    this.fields = new Int32Array(capacity)
    this.timesUs = new Float64Array(capacity)
    this.values = new Float64Array(capacity)
    this.lines = new Uint32Array(capacity)
    this.streamIds = new Uint32Array(capacity)
    this.fields.set(from.fields)
    this.timesUs.set(from.timesUs)
    this.values.set(from.values)
    this.lines.set(from.lines)
  }

  /** The first rows, as views. */
  take(rowCount: number): Pick<LineColumns, 'fields' | 'timesUs' | 'values' | 'lines' | 'streamIds'> {
    return {
      fields: this.fields.subarray(0, rowCount),
      timesUs: this.timesUs.subarray(0, rowCount),
      values: this.values.subarray(0, rowCount),
      lines: this.lines.subarray(0, rowCount),
      streamIds: this.streamIds.subarray(0, rowCount),
    }
  }
}
