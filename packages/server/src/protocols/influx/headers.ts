/** What every answer of this door says of itself: some clients look for it before they write. */

/** Clients of both versions write to a server of this one. */
export const INFLUX_VERSION = '1.8.10-sonde'

export const INFLUX_HEADERS = { 'x-influxdb-version': INFLUX_VERSION, 'x-influxdb-build': 'OSS' } as const
