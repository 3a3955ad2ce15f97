/** What can be asked of `GET /api/v1/query/`, and the shape of the answer that follows from it. */
import type { Parameters } from '../api/parameters.ts'
import type { PointValue, Timestamp } from '../resources/scalars.ts'

export type Aggregate = 'mean' | 'min' | 'max' | 'sum' | 'count' | 'first' | 'last' | 'delta' | 'increase'

/** ISO 8601, `-24h` or the like, `now`; milliseconds since 1970; or a Date. */
export type QueryTime = string | number | Date

/** A slug, as text or as one of the classes of this package. */
export type SlugText = string | { toString(): string }

/** `filter`, `project`, `device` or `variable` has to be there. */
export interface QueryRequest {
  /** Slugs of streams, devices, variables or projects. */
  readonly filter?: SlugText | readonly SlugText[] | undefined
  /** Name, slug or UUID. */
  readonly project?: SlugText | undefined
  /** Name or slug. */
  readonly device?: SlugText | undefined
  /** Name or slug. */
  readonly variable?: SlugText | undefined
  /** First moment. */
  readonly start?: QueryTime | undefined
  /** Moment before which the range ends. */
  readonly end?: QueryTime | undefined
  /** Width of a bucket: `5m`, `1h`, `1d`, `1mo`. */
  readonly every?: string | undefined
  readonly agg?: Aggregate | readonly Aggregate[] | undefined
  /** What makes one series. @default 'stream' */
  readonly by?: 'stream' | 'device' | 'variable' | 'none' | undefined
  /** What stands in an empty bucket. */
  readonly fill?: 'null' | 'previous' | 'linear' | undefined
  /** IANA time zone of days and longer. @default 'UTC' */
  readonly tz?: string | undefined
  /** Rows of each series. */
  readonly limit?: number | undefined
  /** Streams of all organizations, for staff. */
  readonly staff?: boolean | undefined
}

/** Texts have a first and a last; everything else of them is null. */
type AggregateValue<Name> = Name extends 'first' | 'last' ? PointValue | null : number | null

/** The aggregates that a request asks for; `never` for raw points. */
type AggregateOf<Request> = Request extends {
  readonly agg: infer Names extends Aggregate | readonly Aggregate[]
}
  ? Names extends readonly (infer Name)[]
    ? Name
    : Names
  : Request extends { readonly every: string }
    ? 'mean'
    : never

type IsUnknownCount<Request> = Request extends { readonly agg: infer Names extends readonly Aggregate[] }
  ? number extends Names['length']
    ? true
    : false
  : false

type IsSeveral<Request> = Request extends {
  readonly agg: readonly [Aggregate, Aggregate, ...(readonly Aggregate[])]
}
  ? true
  : false

type ByAggregate<Name> = { readonly [Key in Name & Aggregate]: readonly AggregateValue<Key>[] }

/** Values of raw points, of one aggregate, or by aggregate of several. */
export type QueryValues<Request> = [AggregateOf<Request>] extends [never]
  ? readonly PointValue[]
  : IsUnknownCount<Request> extends true
    ? readonly AggregateValue<AggregateOf<Request>>[] | ByAggregate<AggregateOf<Request>>
    : IsSeveral<Request> extends true
      ? ByAggregate<AggregateOf<Request>>
      : readonly AggregateValue<AggregateOf<Request>>[]

/** What all streams of a series share. */
export interface SeriesNames {
  /** Slug. */
  readonly stream?: string
  readonly device?: string
  readonly variable?: string
  readonly project?: string
}

/** Columns of equal length. Times are milliseconds since 1970, with a fraction where there are microseconds. */
export interface QuerySeries<Request = QueryRequest> extends SeriesNames {
  readonly times: readonly number[]
  readonly values: QueryValues<Request>
  /** Times of `first` and `last` themselves, where there is one row for the whole range. */
  readonly value_times?: Readonly<Partial<Record<'first' | 'last', readonly number[]>>>
}

/** A row of the answer when it comes line by line. */
export type QueryRow<Request = QueryRequest> = {
  readonly time: Timestamp
  readonly device: string | null
  readonly variable: string | null
  /** Slug. */
  readonly stream: string | null
} & ([AggregateOf<Request>] extends [never]
  ? { readonly value: PointValue }
  : { readonly [Name in AggregateOf<Request> & Aggregate]: AggregateValue<Name> } & {
      readonly first_time?: Timestamp | null
      readonly last_time?: Timestamp | null
    })

export function queryParameters({ filter, agg, ...rest }: QueryRequest): Parameters {
  return { filter: joined(filter), agg: joined(agg), ...rest }
}

function joined(items: SlugText | readonly SlugText[] | undefined): string | undefined {
  return items === undefined ? undefined : [items].flat().join(',')
}
