/**
 * What the comparison needs to know of a database. One file per database implements it; `databases.ts` lists
 * them. The functions are pure, so that the process that loads can use them as well.
 */
import type { BodyFormat } from '../load/bodies.ts'
import type { Question } from '../load/questions.ts'
import type { Workload } from '../workload.ts'

/** Three places that do not see each other: the values asked for, one-value writes, and a second bulk load. */
export type Space = 'iot' | 'single' | 'beside'

export const SPACES: readonly Space[] = ['iot', 'single', 'beside']

export interface SingleWrite {
  readonly writer: number
  readonly timeS: number
  readonly value: number
}

export interface Database {
  readonly name: string
  /** Debian packages that bring it, and a program that is there once they are; none for our own server. */
  readonly needs: { readonly packages: readonly string[]; readonly program: string } | undefined
  /** What has happened to a point when its write is answered, in a few words. */
  readonly durability: string
  /** How its tables and settings differ from those that it comes with, for the reader of the figures. */
  readonly setup: string
  /** The relative error with which it keeps values: 0 for one that gives them back as they came. */
  readonly keptTo: number
  readonly wire: 'http' | 'postgres'
  readonly bodyFormat: BodyFormat
  bulkRequest(space: Space, body: Buffer): readonly Buffer[]
  /** Holds the time as ten digits, once. */
  singleRequest(space: Space, write: SingleWrite): Buffer
  ask(question: Question, workload: Workload): Buffer
  /** The numbers of an answer, in the order that `questions.ts` gives to them. */
  read(question: Question, body: Buffer): number[]
  /** Asks how many values a space holds. */
  askCount(space: Space, workload: Workload): Buffer
  readCount(body: Buffer): number
  /** Starts it on an empty folder, with all spaces made, on free ports of this machine alone. */
  start(folder: string, workload: Workload): Promise<RunningDatabase>
}

export interface RunningDatabase {
  readonly version: string
  readonly port: number
  /** The process whose tree is measured. It may change when the database settles. */
  readonly pid: number
  /** What its data takes on the disk. */
  sizeBytes(): Promise<number>
  /** Makes everything that was acknowledged visible; a no-op where it is. */
  makeVisible(): Promise<void>
  /** Brings the data into the form in which it stays. */
  settle(): Promise<void>
  stop(): Promise<void>
}
