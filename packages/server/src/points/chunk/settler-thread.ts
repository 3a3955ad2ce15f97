/**
 * The thread that writes chunks. Whoever waits for an answer comes first: the thread goes on with what time the
 * others leave, and they wait for it when their memory is full.
 */
import { constants, setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import { openSettler } from './settler.ts'
import { answerCalls } from './thread-calls.ts'

// On Linux 0 is the calling thread; elsewhere it would be the whole process.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL)
answerCalls(openSettler(workerData))
