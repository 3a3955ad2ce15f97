/** Many objects at once, as files of tests have them. */
import { MockError } from './mock-error.ts'
import type { MockObject, MockState } from './mock-state.ts'

/** Lists of objects in the shapes of the API, and users with their passwords. */
export interface MockData {
  readonly users?: Readonly<Record<string, string>>
  readonly orgs?: readonly MockObject[]
  readonly projects?: readonly MockObject[]
  readonly devices?: readonly MockObject[]
  readonly datablocks?: readonly MockObject[]
  readonly streams?: readonly MockObject[]
  readonly properties?: readonly MockObject[]
  readonly events?: readonly MockObject[]
  readonly fleets?: readonly MockObject[]
  readonly streamers?: readonly MockObject[]
  readonly sgs?: readonly MockObject[]
  readonly dts?: readonly MockObject[]
  readonly reports?: readonly MockObject[]
}

const KEY_OF = {
  orgs: 'slug',
  projects: 'id',
  devices: 'slug',
  datablocks: 'slug',
  streams: 'slug',
  properties: 'id',
  events: 'id',
  fleets: 'slug',
  streamers: 'slug',
  sgs: 'slug',
  dts: 'slug',
  reports: 'id',
} as const satisfies Partial<Record<keyof MockState, string>>

/** What has a key that is there already takes its place. @throws {MockError} what is no such data. */
export function addData(state: MockState, data: MockData): void {
  for (const [name, items] of Object.entries(data)) {
    if (name === 'users') {
      for (const [email, password] of Object.entries(items)) state.users.set(email, String(password))
    } else if (Object.hasOwn(KEY_OF, name) && Array.isArray(items)) {
      const kind = name as keyof typeof KEY_OF
      for (const item of items) addObject(state, kind, item)
    } else {
      throw new MockError(`${name} is nothing that a mock cloud holds a list of`)
    }
  }
}

function addObject(state: MockState, kind: keyof typeof KEY_OF, item: MockObject): void {
  const key = item[KEY_OF[kind]]
  if (key === undefined) throw new MockError(`One of ${kind} has no ${KEY_OF[kind]}`)
  state[kind].set(String(key), { ...item })
}
