/** Time slices: every chunk lies in one, and keys begin with it. */

/** Number of the slice that holds a time; slices before 1970 are negative. */
export function partOf(timeUs: number, partUs: number): number {
  return Math.floor(timeUs / partUs)
}

/** Calls back with the rows `from … to` of each slice that ascending times fall into. */
export function forEachPart(
  timesUs: Float64Array,
  partUs: number,
  visit: (part: number, from: number, to: number) => void,
): void {
  for (let from = 0; from < timesUs.length; ) {
    const part = partOf(timesUs[from], partUs)
    const endUs = (part + 1) * partUs
    let to = from + 1
    while (to < timesUs.length && timesUs[to] < endUs) to++
    visit(part, from, to)
    from = to
  }
}
