/** `@sonde/client/mock`: a cloud for tests. Node only. */
export type { MockData } from './add-data.ts'
export { MockCloud, type MockCloudOptions } from './mock-cloud.ts'
export { MockError } from './mock-error.ts'
export type { MockObject } from './mock-state.ts'
export type { FleetMember } from './quick-add.ts'
