/** The devices of the demo: a house with a greenhouse. What they measure follows from the time alone. */
import type { PointInput } from '@sonde/client'
import { chance, drift } from './noise.ts'
import {
  cloudCover,
  DAY_MS,
  dayPart,
  HOUR_MS,
  MINUTE_MS,
  outdoorHumidity,
  outdoorTemperature,
  season,
  sunlight,
} from './weather.ts'

type Reading = (timeMs: number) => number | string

export interface DemoDevice {
  readonly name: string
  /** By name of the variable. */
  readonly variables: Readonly<Record<string, Reading>>
}

export const FLEET: readonly DemoDevice[] = [
  {
    name: 'weather station',
    variables: {
      temperature: rounded(1, outdoorTemperature),
      humidity: rounded(0, outdoorHumidity),
      sunlight: rounded(0, sunlight),
      wind: rounded(1, (timeMs) =>
        Math.max(0, 3 + 3 * drift('wind', timeMs, 5 * HOUR_MS) + 2 * drift('gusts', timeMs, 4 * MINUTE_MS)),
      ),
    },
  },
  greenhouseBed('greenhouse north', 0.85),
  greenhouseBed('greenhouse south', 1),
  { name: 'roof vent', variables: { opening: rounded(0, ventOpening) } },
  {
    name: 'heat pump',
    variables: { power: rounded(0, heating), 'flow temperature': rounded(1, flowTemperature) },
  },
  room('living room', { comfort: 21.5, people: [7, 8.5, 17.5, 23.5] }),
  room('bedroom', { comfort: 19, people: [0, 7.5, 22.5, 24] }),
  {
    name: 'fridge',
    variables: { temperature: rounded(1, fridgeTemperature), power: rounded(0, fridgePower) },
  },
  { name: 'solar inverter', variables: { power: rounded(0, solarPower), voltage: rounded(1, mainsVoltage) } },
  { name: 'power meter', variables: { power: rounded(0, housePower), energy: rounded(2, houseEnergy) } },
  { name: 'water meter', variables: { flow: rounded(2, waterFlow), total: rounded(3, waterTotal) } },
  { name: 'front door', variables: { state: doorState, battery: rounded(2, battery) } },
]

export const STREAM_COUNT = FLEET.reduce((count, { variables }) => count + Object.keys(variables).length, 0)

/** What all devices say at a moment. */
export function* readingsAt(timeMs: number): Generator<PointInput> {
  for (const { name: device, variables } of FLEET) {
    for (const [variable, read] of Object.entries(variables)) {
      yield { device, variable, value: read(timeMs), timeUs: timeMs * 1_000 }
    }
  }
}

function rounded(decimals: number, read: (timeMs: number) => number): Reading {
  return (timeMs) => Number(read(timeMs).toFixed(decimals))
}

/** `light`: part of the sunlight that reaches the bed. */
function greenhouseBed(name: string, light: number): DemoDevice {
  const temperature = (timeMs: number) => {
    // Glass keeps the warmth of the last hour.
    const sun = (sunlight(timeMs) + sunlight(timeMs - 30 * MINUTE_MS) + sunlight(timeMs - HOUR_MS)) / 3
    const warm = Math.max(outdoorTemperature(timeMs), 8) + 0.022 * light * sun
    return warm - 0.05 * ventOpening(timeMs) + 0.3 * drift(name, timeMs, 20 * MINUTE_MS)
  }
  return {
    name,
    variables: {
      temperature: rounded(1, temperature),
      humidity: rounded(0, (timeMs) =>
        Math.min(98, Math.max(30, 88 - 0.9 * (temperature(timeMs) - 12) - 0.15 * ventOpening(timeMs))),
      ),
      'soil moisture': rounded(1, (timeMs) => soilMoisture(name, timeMs)),
    },
  }
}

/** %: watered on some mornings at six, dries in between. */
function soilMoisture(name: string, timeMs: number): number {
  const today = Math.floor(timeMs / DAY_MS - 0.25)
  let day = today
  while (day > today - 4 && chance(`${name} watered`, day) < 0.5) day--
  const dryDays = timeMs / DAY_MS - (day + 0.25)
  return (
    22 + 20 * Math.exp(-dryDays / (3 - season(timeMs))) + 0.4 * drift(`${name} soil`, timeMs, 3 * HOUR_MS)
  )
}

/** % open, by the sun. */
function ventOpening(timeMs: number): number {
  const wanted = (sunlight(Math.floor(timeMs / (10 * MINUTE_MS)) * 10 * MINUTE_MS) - 250) / 5
  return Math.min(100, Math.max(0, Math.round(wanted / 10) * 10))
}

/** W: more the colder it is, in turns of half an hour. */
function heating(timeMs: number): number {
  const need = Math.max(0, (17 - outdoorTemperature(timeMs)) / 20)
  const turn = (timeMs / (30 * MINUTE_MS)) % 1
  return turn < Math.min(need * 1.3, 1) ? 1_400 + 900 * need + 60 * drift('pump', timeMs, 3 * MINUTE_MS) : 12
}

function flowTemperature(timeMs: number): number {
  return (
    24 +
    (0.009 * (heating(timeMs) + heating(timeMs - 5 * MINUTE_MS))) / 2 +
    drift('flow', timeMs, 12 * MINUTE_MS)
  )
}

/** `people`: hours between which somebody is in, from and to in turns. */
function room(name: string, { comfort, people }: { comfort: number; people: readonly number[] }): DemoDevice {
  const presence = (timeMs: number) => {
    const hour = 24 * dayPart(timeMs) + 0.5 * drift(`${name} habit`, timeMs, DAY_MS)
    const [from, to, again, until] = people
    // Air fills and clears within an hour.
    return Math.max(plateau(hour, from, to), plateau(hour, again, until))
  }
  const temperature = (timeMs: number) =>
    comfort +
    0.12 * (outdoorTemperature(timeMs - 3 * HOUR_MS) - 13) +
    0.9 * presence(timeMs) +
    0.2 * drift(name, timeMs, HOUR_MS)
  return {
    name,
    variables: {
      temperature: rounded(1, temperature),
      humidity: rounded(
        0,
        (timeMs) =>
          44 + 6 * season(timeMs) + 5 * presence(timeMs) + 2 * drift(`${name} air`, timeMs, 2 * HOUR_MS),
      ),
      co2: rounded(
        0,
        (timeMs) => 440 + 620 * presence(timeMs) + 25 * drift(`${name} breath`, timeMs, 10 * MINUTE_MS),
      ),
    },
  }
}

/** 1 between two hours, 0 outside, with slopes of an hour. */
function plateau(hour: number, from: number, to: number): number {
  return Math.max(0, Math.min(1, hour - from + 0.5, to - hour + 0.5))
}

/** The compressor runs 15 minutes of 45. */
function fridgeCycle(timeMs: number): number {
  return (timeMs / (45 * MINUTE_MS)) % 1
}

function fridgeTemperature(timeMs: number): number {
  const cycle = fridgeCycle(timeMs)
  const saw = cycle < 1 / 3 ? 1 - 3 * cycle : 1.5 * (cycle - 1 / 3)
  return 3.6 + 1.4 * saw + 0.2 * drift('fridge', timeMs, 2 * HOUR_MS)
}

function fridgePower(timeMs: number): number {
  return fridgeCycle(timeMs) < 1 / 3 ? 82 + 4 * drift('compressor', timeMs, 5 * MINUTE_MS) : 2
}

/** W of four kilowatts of panels. */
function solarPower(timeMs: number): number {
  return 3.9 * sunlight(timeMs)
}

function mainsVoltage(timeMs: number): number {
  return 231 + 2.5 * drift('mains', timeMs, 40 * MINUTE_MS) + 0.0006 * solarPower(timeMs)
}

const ENERGY_KWH_PER_DAY = 9.6

/** kWh since 1970 that the house used but for heating: a counter that never goes back. */
function houseEnergy(timeMs: number): number {
  return ENERGY_KWH_PER_DAY * (timeMs / DAY_MS + 0.09 * waves(timeMs) - 20_000)
}

/** W: what the counter gains in a minute, and what switches on and off. */
function housePower(timeMs: number): number {
  const used = (houseEnergy(timeMs) - houseEnergy(timeMs - MINUTE_MS)) * 60_000
  return Math.max(60, used * (1 + 0.15 * drift('switches', timeMs, 6 * MINUTE_MS))) + fridgePower(timeMs)
}

const WATER_M3_PER_DAY = 0.36

function waterTotal(timeMs: number): number {
  return WATER_M3_PER_DAY * (timeMs / DAY_MS + 0.09 * waves(timeMs) - 19_000)
}

/** l/min: mornings and evenings, in spells of minutes. */
function waterFlow(timeMs: number): number {
  const mean = (waterTotal(timeMs) - waterTotal(timeMs - MINUTE_MS)) * 1_000
  return chance('tap', Math.floor(timeMs / (5 * MINUTE_MS))) < 0.12 ? 8 * mean : 0
}

/** What mornings and evenings add to an even day: its slope stays above -1/0.09. */
function waves(timeMs: number): number {
  const turn = 2 * Math.PI * dayPart(timeMs)
  return Math.sin(turn - 2.6) + 0.35 * Math.sin(2 * turn + 0.6)
}

/** A text: `open` now and then by day. */
function doorState(timeMs: number): string {
  const hour = 24 * dayPart(timeMs)
  const isDay = hour > 6.5 && hour < 22.5
  return isDay && chance('door', Math.floor(timeMs / (5 * MINUTE_MS))) < 0.08 ? 'open' : 'shut'
}

/** V: falls for a year, then somebody changes it. */
function battery(timeMs: number): number {
  const age = (timeMs / (300 * DAY_MS)) % 1
  return 3.05 - 0.35 * age - 0.02 * cloudCover(timeMs)
}
