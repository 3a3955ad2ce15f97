/**
 * Environment to frozen configuration; the only reader of `process.env`. Unknown `SONDE_*` names and
 * malformed values stop the start with a message that names the variable and what would be right.
 */
import { InvalidError } from './errors.ts'

export interface Config {
  readonly host: string
  readonly port: number
  readonly dataDir: string
  /** Without a slash at the end; undefined means: take it from the request. */
  readonly publicUrl: string | undefined
  readonly init: InitConfig
  readonly registration: 'closed' | 'open'
  readonly memoryMaxMb: number
  /** Points of days that ended so long ago are dropped; undefined keeps them for ever. */
  readonly retentionDays: number | undefined
  readonly logLevel: LogLevel
  /** Path of a file with the tokens and users of the timeseries API. */
  readonly timeseriesUsers: string | undefined
  /** IANA zone in which the timeseries API shows and reads times that have none. */
  readonly timeseriesZone: string
  /** What pair-pipeline tells as its address; undefined: that it cannot be found out. */
  readonly publicIp: string | undefined
  /** IANA name of the zone in which pair-pipeline tells the time. */
  readonly pipelineZone: string
  readonly limits: Limits
  readonly packages: PackagesConfig
}

/** Of the package manager. Quotas are those of one account; staff have none. */
export interface PackagesConfig {
  /** Whether anybody may register there. */
  readonly registration: 'open' | 'closed'
  /** Whether only the owner of a package publishes into it. */
  readonly publishing: 'anybody' | 'owner'
  /** Extensions of file names that may be published, in lower case and without the dot. */
  readonly fileTypes: readonly string[]
  readonly fileBytesMax: number
  readonly tokenLifeS: number
  /** Newest tags of each account in each package that stay; undefined keeps them all. */
  readonly tagsKept: number | undefined
  readonly quotaBytes: number
  readonly quotaTags: number
}

/** Used at the first start only. What is left out is generated or takes its default. */
export interface InitConfig {
  readonly username: string | undefined
  readonly email: string | undefined
  readonly password: string | undefined
  readonly token: string | undefined
  readonly org: string | undefined
}

export interface Limits {
  /** One request body that is not an upload. */
  readonly bodyBytesMax: number
  /** One CSV import; it streams, so memory does not grow with it. */
  readonly importBytesMax: number
  readonly batchRowsMax: number
  /** Points waiting for the next fsync; over it writes are refused with 503. */
  readonly queuedPointsMax: number
  readonly textBytesMax: number
  readonly nameCharsMax: number
  readonly streamsPerProjectMax: number
  /** Cells (groups × buckets) that one query may ask for. */
  readonly queryCellsMax: number
  /** Failed logins in 15 minutes per account and address, and per address. */
  readonly loginFailuresPerAccountMax: number
  readonly loginFailuresPerAddressMax: number
  /** Accounts that an address may register with the package manager in 15 minutes. */
  readonly registrationsPerAddressMax: number
  /** Rejected rows that an answer lists; all are counted. */
  readonly rejectionsListedMax: number
  /** Document of an event, unpacked. */
  readonly eventBytesMax: number
  /** Events of one request. */
  readonly eventsPerRequestMax: number
  /** One file of a generated report. */
  readonly reportFileBytesMax: number
  readonly drainMsMax: number
  readonly pipelinesMax: number
  /** New pipelines from one address in an hour. */
  readonly pipelineCreationsPerAddressMax: number
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Every limit with its unit in its name; a deployment that needs another value changes it in code. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  bodyBytesMax: 32 * 1024 * 1024,
  importBytesMax: 16 * 1024 * 1024 * 1024,
  batchRowsMax: 500_000,
  queuedPointsMax: 4_000_000,
  textBytesMax: 64 * 1024,
  nameCharsMax: 250,
  streamsPerProjectMax: 1_000_000,
  queryCellsMax: 10_000_000,
  loginFailuresPerAccountMax: 20,
  loginFailuresPerAddressMax: 100,
  registrationsPerAddressMax: 100,
  rejectionsListedMax: 100,
  eventBytesMax: 8 * 1024 * 1024,
  eventsPerRequestMax: 1_000,
  reportFileBytesMax: 64 * 1024 * 1024,
  drainMsMax: 10_000,
  pipelinesMax: 50_000,
  pipelineCreationsPerAddressMax: 1_000,
})

/** Names that `serve` knows of and leaves to others: the command line reads these. */
const FOREIGN_NAMES = new Set(['SONDE_URL', 'SONDE_TOKEN'])

/** @throws {InvalidError} a variable is unknown or malformed; the message names it and the remedy. */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const reader = new EnvironmentReader(environment)
  const config: Config = {
    host: reader.text('SONDE_HOST') ?? '0.0.0.0',
    port: reader.integer('SONDE_PORT', { least: 0, most: 65_535 }) ?? 8_080,
    dataDir: reader.text('SONDE_DATA_DIR') ?? './data',
    publicUrl: reader.url('SONDE_PUBLIC_URL'),
    init: {
      username: reader.text('SONDE_INIT_USERNAME'),
      email: reader.text('SONDE_INIT_EMAIL'),
      password: reader.text('SONDE_INIT_PASSWORD'),
      token: reader.text('SONDE_INIT_TOKEN'),
      org: reader.text('SONDE_INIT_ORG'),
    },
    registration: reader.choice('SONDE_REGISTRATION', ['closed', 'open']) ?? 'closed',
    memoryMaxMb: reader.integer('SONDE_MEMORY_MAX_MB', { least: 128, most: 1_048_576 }) ?? 512,
    retentionDays: reader.days('SONDE_RETENTION'),
    logLevel: reader.choice('SONDE_LOG_LEVEL', LOG_LEVELS) ?? 'info',
    timeseriesUsers: reader.text('SONDE_TIMESERIES_USERS'),
    timeseriesZone: reader.text('SONDE_TIMESERIES_ZONE') ?? 'UTC',
    publicIp: reader.text('SONDE_PUBLIC_IP'),
    pipelineZone: reader.timeZone('SONDE_PIPELINE_ZONE') ?? 'UTC',
    limits: DEFAULT_LIMITS,
    packages: {
      registration: reader.choice('SONDE_PACKAGES_REGISTRATION', ['open', 'closed']) ?? 'open',
      publishing: reader.choice('SONDE_PACKAGES_PUBLISHING', ['anybody', 'owner']) ?? 'anybody',
      fileTypes: reader.names('SONDE_PACKAGES_TYPES') ?? PACKAGE_FILE_TYPES,
      fileBytesMax: (reader.integer('SONDE_PACKAGES_FILE_MAX_MB', { least: 1, most: 65_536 }) ?? 100) * MIB,
      tokenLifeS: (reader.integer('SONDE_PACKAGES_TOKEN_HOURS', { least: 1, most: 87_600 }) ?? 24) * 3_600,
      tagsKept: reader.integer('SONDE_PACKAGES_TAGS_KEPT', { least: 1, most: 1_000_000 }),
      quotaBytes:
        (reader.integer('SONDE_PACKAGES_QUOTA_MB', { least: 1, most: 1_000_000_000 }) ?? 10_240) * MIB,
      quotaTags: reader.integer('SONDE_PACKAGES_QUOTA_TAGS', { least: 1, most: 1_000_000 }) ?? 10_000,
    },
  }
  reader.refuseUnknown()
  return Object.freeze(config)
}

const DAYS_PER_YEAR = 365.25
const MIB = 1024 * 1024

const PACKAGE_FILE_TYPES = 'txt npm bin hex uf2 elf img py mpy json gz tgz tar zip'.split(' ')

class EnvironmentReader {
  #environment: Readonly<Record<string, string | undefined>>
  #known = new Set(FOREIGN_NAMES)

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment
  }

  /** A variable that is set to nothing counts as not set. */
  text(name: string): string | undefined {
    this.#known.add(name)
    return this.#environment[name] || undefined
  }

  integer(name: string, { least, most }: { least: number; most: number }): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidError(`${name} is "${text}"; it must be a whole number from ${least} to ${most}`)
    }
    return value
  }

  /** `90d`, `2y` or `forever`. */
  days(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined || text === 'forever') return undefined
    const [, count, unit] = /^([1-9]\d{0,5})([dy])$/.exec(text) ?? []
    if (count === undefined) {
      throw new InvalidError(
        `${name} is "${text}"; it must be days such as 90d, years such as 2y, or forever`,
      )
    }
    return unit === 'y' ? Math.ceil(Number(count) * DAYS_PER_YEAR) : Number(count)
  }

  /** `bin,uf2`: letters and digits, in lower case afterwards. */
  names(name: string): readonly string[] | undefined {
    const text = this.text(name)?.toLowerCase()
    if (text === undefined) return undefined
    if (/^[a-z0-9]{1,20}(,[a-z0-9]{1,20}){0,99}$/.test(text)) return text.split(',')
    throw new InvalidError(
      `${name} is "${text}"; it must be a list such as bin,uf2: letters and digits, separated by commas`,
    )
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const found = choices.find((choice) => choice === text)
    if (found === undefined)
      throw new InvalidError(`${name} is "${text}"; it must be one of ${choices.join(', ')}`)
    return found
  }

  timeZone(name: string): string | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    try {
      return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone
    } catch {
      throw new InvalidError(`${name} is "${text}"; it must be a time zone such as Europe/Madrid or UTC`)
    }
  }

  url(name: string): string | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const url = URL.parse(text)
    if (!url || !['http:', 'https:'].includes(url.protocol) || url.search || url.hash) {
      throw new InvalidError(`${name} is "${text}"; it must be an address such as https://sonde.example.org`)
    }
    return text.replace(/\/+$/, '')
  }

  refuseUnknown(): void {
    for (const [name, value] of Object.entries(this.#environment)) {
      if (!name.startsWith('SONDE_') || this.#known.has(name) || value === undefined) continue
      const known = [...this.#known].sort().join(', ')
      throw new InvalidError(`${name} is not a setting of this version. Unset it, or use one of: ${known}`)
    }
  }
}
