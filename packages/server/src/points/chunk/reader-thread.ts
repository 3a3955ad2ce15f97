/** A thread for long reads. */
import { workerData } from 'node:worker_threads'
import { openReader } from './reader.ts'
import { answerCalls } from './thread-calls.ts'

answerCalls(openReader(workerData))
