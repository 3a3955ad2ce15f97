/** The public door of `@sonde/client`; what is not named here may change without notice. */
export { Api, type ApiOptions, type Credentials } from './api/api.ts'
export type { AnyResource, Collection, Endpoint, Fields, List } from './api/endpoint.ts'
export {
  HttpClientError,
  HttpCouldNotVerifyServerError,
  HttpNotFoundError,
  HttpServerError,
  RestBaseException,
  RestConnectionError,
  RestHttpBaseException,
  RestTimeoutError,
} from './api/http-errors.ts'
export type { Parameter, Parameters, Segment } from './api/parameters.ts'
export type { Page } from './api/resource.ts'
export type { ResourceTree, TokenCollection } from './api/resource-tree.ts'
export type { FileSource, FormFields } from './api/upload-form.ts'
export { datetimeToStr } from './datetime-to-str.ts'
export { MdoError, SlugError } from './errors.ts'
export { applyMdo, type Mdo, MdoHelper, reverseMdo } from './mdo.ts'
export type {
  Aggregate,
  QueryRequest,
  QueryRow,
  QuerySeries,
  QueryTime,
  QueryValues,
} from './query/query-request.ts'
export {
  type AccumulationReport,
  AccumulationReportGenerator,
  type StreamSum,
} from './reports/accumulation-report-generator.ts'
export { BaseReportGenerator, type ReportOptions } from './reports/base-report-generator.ts'
export { RawData, RawData as StreamRawData, StreamData } from './reports/stream-data.ts'
export type * from './resources/account.ts'
export type * from './resources/device.ts'
export type * from './resources/org.ts'
export type * from './resources/ota.ts'
export type * from './resources/point.ts'
export type * from './resources/scalars.ts'
export type * from './resources/stream.ts'
export type * from './resources/streamer.ts'
export type * from './resources/unit.ts'
export { BlockSlug, BlockSlug as IOTileBlockSlug, formatBlockSlug } from './slugs/block-slug.ts'
export {
  type DeviceOptions,
  DeviceSlug,
  DeviceSlug as IOTileDeviceSlug,
  formatDeviceSlug,
} from './slugs/device-slug.ts'
export { FleetSlug, FleetSlug as IOTileFleetSlug, formatFleetSlug } from './slugs/fleet-slug.ts'
export { canonicalSlug, formatSlug, type ParsedSlug, parseSlug } from './slugs/parse-slug.ts'
export { formatProjectSlug, ProjectSlug, ProjectSlug as IOTileProjectSlug } from './slugs/project-slug.ts'
export { Slug } from './slugs/slug.ts'
export type { DeviceTerm, SlugId } from './slugs/slug-grammar.ts'
export {
  formatStreamSlug,
  type StreamParts,
  StreamSlug,
  StreamSlug as IOTileStreamSlug,
  type StreamTerms,
} from './slugs/stream-slug.ts'
export {
  formatStreamerSlug,
  StreamerSlug,
  StreamerSlug as IOTileStreamerSlug,
  type StreamerTerms,
} from './slugs/streamer-slug.ts'
export {
  formatVariableSlug,
  VariableSlug,
  VariableSlug as IOTileVariableSlug,
  type VariableTerms,
} from './slugs/variable-slug.ts'
export type { PointInput } from './write/point-line.ts'
export type { PointWriter, WriteReport, WriterOptions } from './write/point-writer.ts'
export type { Rejection } from './write/write-batch.ts'
