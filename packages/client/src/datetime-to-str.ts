/** Times as the API takes them in its parameters. */

/** `2026-01-31T12:00:00Z`; the fraction of the second is dropped. */
export function datetimeToStr(time: Date): string {
  return `${time.toISOString().slice(0, -'.000Z'.length)}Z`
}
