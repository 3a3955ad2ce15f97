/** The thread that copies the files of a backup. */
import { answerCalls } from '../points/chunk/thread-calls.ts'
import { openCopier } from './copier.ts'

answerCalls(openCopier())
