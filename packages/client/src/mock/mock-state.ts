/** What a mock cloud knows: plain objects in the shapes of the API, by the key that addresses name them by. */

/** An object as the API shows it. */
export type MockObject = Record<string, unknown>

export interface MockState {
  /** E-mail address to password. */
  readonly users: Map<string, string>
  readonly orgs: Map<string, MockObject>
  /** By UUID. */
  readonly projects: Map<string, MockObject>
  readonly devices: Map<string, MockObject>
  readonly datablocks: Map<string, MockObject>
  readonly streams: Map<string, MockObject>
  /** Points by slug of their stream, in the order of time. */
  readonly points: Map<string, MockObject[]>
  /** By number as text, as are events. */
  readonly properties: Map<string, MockObject>
  readonly events: Map<string, MockObject>
  /** Documents that belong to events, by the number of the event. */
  readonly eventData: Map<string, unknown>
  readonly fleets: Map<string, MockObject>
  /** By slug of the fleet. */
  readonly fleetDevices: Map<string, MockObject[]>
  readonly streamers: Map<string, MockObject>
  readonly sgs: Map<string, MockObject>
  readonly dts: Map<string, MockObject>
  /** Reports of streamers, by UUID. */
  readonly reports: Map<string, MockObject>
  /** The files of those, as they were uploaded. */
  readonly rawReportFiles: Map<string, Uint8Array>
  readonly generatedReports: Map<string, MockObject>
  readonly otaDevices: Map<string, MockObject>
  /** By number as text. */
  readonly otaRequests: Map<string, MockObject>
  readonly otaActions: MockObject[]
  /** Tokens that are good. */
  readonly tokens: Set<string>
}

/** What a login hands out, and what is good without one. */
export const LOGIN_TOKEN = 'JWT_USER'
export const FIXED_TIME = '2018-01-01T00:00:00Z'

export function emptyState(): MockState {
  return {
    users: new Map(),
    orgs: new Map(),
    projects: new Map(),
    devices: new Map(),
    datablocks: new Map(),
    streams: new Map(),
    points: new Map(),
    properties: new Map(),
    events: new Map(),
    eventData: new Map(),
    fleets: new Map(),
    fleetDevices: new Map(),
    streamers: new Map(),
    sgs: new Map(),
    dts: new Map(),
    reports: new Map(),
    rawReportFiles: new Map(),
    generatedReports: new Map(),
    otaDevices: new Map(),
    otaRequests: new Map(),
    otaActions: [],
    tokens: new Set([LOGIN_TOKEN]),
  }
}

/** Empties everything in place, so that whoever holds a map goes on with it. */
export function clearState(state: MockState): void {
  for (const part of Object.values(state)) {
    if (Array.isArray(part)) part.length = 0
    else part.clear()
  }
  state.tokens.add(LOGIN_TOKEN)
}

/** The next whole number for things that are counted. */
export function nextId(map: ReadonlyMap<string, unknown>): number {
  return Math.max(0, ...Array.from(map.keys(), Number)) + 1
}
