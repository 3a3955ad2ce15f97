/** Kinds of text and number that many resources share. */

/** ISO 8601 in UTC with `Z`; six digits behind the point where there is a fraction. */
export type Timestamp = string

/** A number in the internal unit, or a text. */
export type PointValue = number | string
