/** The public door of `@sonde/client`; what is not named here may change without notice. */
export { MdoError, SlugError } from './errors.ts'
export { applyMdo, type Mdo, MdoHelper, reverseMdo } from './mdo.ts'
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
