/** What ends a benchmark with a message instead of a stack: a wrong answer, a database that does not start. */
export class LoadError extends Error {
  override readonly name = 'LoadError'
}
