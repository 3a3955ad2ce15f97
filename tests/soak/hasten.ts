/**
 * Loaded before the server (`node --import`), so that what it does once a minute or less often happens within
 * a round of a few seconds: intervals of a minute and more run so many times faster.
 */
const FASTER = 60
const MS_PER_MINUTE = 60_000

const { setInterval } = globalThis

globalThis.setInterval = Object.assign(
  (run: (...more: unknown[]) => void, ms = 0, ...more: unknown[]) =>
    setInterval(run, ms < MS_PER_MINUTE ? ms : ms / FASTER, ...more),
  setInterval,
) as typeof globalThis.setInterval
