/** Failures of a command that its user can act on: told in one line, without a stack trace. */
export class Failure extends Error {}

/** No answer from a server, which may come when it is asked again. */
export class SilenceFailure extends Failure {}

/** The user has been told already; what is left is the exit code. */
export class ToldFailure extends Failure {
  readonly exitCode: number
  constructor(exitCode: number) {
    super('The command failed and has said why')
    this.exitCode = exitCode
  }
}

export const EXIT_FAILED = 1
export const EXIT_USAGE = 2
/** What shells make of a program that Ctrl-C ended. */
export const EXIT_INTERRUPTED = 130
