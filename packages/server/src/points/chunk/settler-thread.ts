/** The thread that writes chunks. */
import { workerData } from 'node:worker_threads'
import { openSettler } from './settler.ts'
import { answerCalls } from './thread-calls.ts'

answerCalls(openSettler(workerData))
