/** The sky over the demo's house: 41 degrees north, where noon is at 12:00 UTC. */
import { drift } from './noise.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const LATITUDE = (41 * Math.PI) / 180
const TILT = (23.44 * Math.PI) / 180

/** Part of the day that is over, from 0 up to 1. */
export function dayPart(timeMs: number): number {
  return timeMs / DAY_MS - Math.floor(timeMs / DAY_MS)
}

/** From -1 in midwinter to 1 in midsummer. */
export function season(timeMs: number): number {
  return -Math.cos((2 * Math.PI * (timeMs / DAY_MS + 10)) / 365.2425)
}

/** Sine of the height of the sun, 0 at night. */
export function sunHeight(timeMs: number): number {
  const declination = TILT * season(timeMs)
  const hourAngle = 2 * Math.PI * (dayPart(timeMs) - 0.5)
  const sine =
    Math.sin(LATITUDE) * Math.sin(declination) +
    Math.cos(LATITUDE) * Math.cos(declination) * Math.cos(hourAngle)
  return Math.max(0, sine)
}

/** Part of the sky that clouds cover: days of weather with clouds that pass. */
export function cloudCover(timeMs: number): number {
  const days = drift('weather', timeMs, 2.5 * DAY_MS)
  const passing = drift('clouds', timeMs, 25 * MINUTE_MS)
  return Math.min(1, Math.max(0, 0.4 + 0.55 * days + 0.25 * passing))
}

/** W/m² on the ground. */
export function sunlight(timeMs: number): number {
  return 1_050 * sunHeight(timeMs) * (1 - 0.8 * cloudCover(timeMs))
}

/** °C; warmest in the afternoon, coldest before dawn, milder under clouds. */
export function outdoorTemperature(timeMs: number): number {
  const swing = 5.5 * (1.2 - 0.7 * cloudCover(Math.floor(timeMs / HOUR_MS) * HOUR_MS))
  const ofDay = Math.cos(2 * Math.PI * (dayPart(timeMs) - 15 / 24))
  return 13.5 + 9 * season(timeMs - 30 * DAY_MS) + swing * ofDay + 3 * drift('air', timeMs, 3 * DAY_MS)
}

/** % relative humidity. */
export function outdoorHumidity(timeMs: number): number {
  const ofDay = Math.cos(2 * Math.PI * (dayPart(timeMs) - 4 / 24))
  const humidity = 58 + 16 * ofDay + 18 * cloudCover(timeMs) + 5 * drift('humidity', timeMs, 6 * HOUR_MS)
  return Math.min(100, Math.max(15, humidity))
}
