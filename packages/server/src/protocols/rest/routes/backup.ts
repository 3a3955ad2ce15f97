/** `/api/v1/admin/backup/`: a copy of everything in a folder of the server's machine. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { requireStaff } from '../../../access/permissions.ts'
import { callerOf } from '../caller.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import { Imports } from './import-events.ts'

/** Resolves once everything is on the disk; a failure leaves nothing behind. */
export type WriteBackup = (request: {
  /** On the server's machine; absolute, missing or empty. */
  readonly folder: string
  readonly onProgress: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void
  readonly signal: AbortSignal
}) => Promise<{
  readonly folder: string
  /** ISO 8601. */
  readonly takenAt: string
  readonly points: number
  readonly files: number
  readonly bytes: number
}>

export interface BackupServices {
  readonly backup: WriteBackup
}

export function backupRoutes(http: RestHttp, { backup }: BackupServices): void {
  void http.register(async (scope) => {
    const answers = new Imports(scope)
    scope.withTypeProvider<TypeBoxTypeProvider>().post(
      '/admin/backup/',
      {
        schema: {
          tags: ['admin'],
          summary: 'Write a backup into a folder of the machine that the server runs on; staff only',
          description:
            'Requests are answered as usual meanwhile. The answer tells how it goes, one JSON object a line: ' +
            '`progress` with `bytes` of `total` (work, of which copied databases are a part twice), and at last ' +
            '`done` with `path`, `taken_at`, `points`, `files` and `bytes`, or `error`. After an error there is ' +
            'no backup, nor when the client goes away.',
          body: Type.Object({
            path: Type.String({
              description: 'Absolute; a folder that is missing or empty, and not within the data folder',
            }),
          }),
        },
      },
      async (request, reply) => {
        requireStaff(callerOf(request))
        const { path: folder } = request.body
        return answers.reply(request, reply, async ({ send, signal }) => {
          const { takenAt, points, files, bytes, ...done } = await backup({
            folder,
            signal,
            onProgress: ({ doneBytes, totalBytes }) =>
              send({ event: 'progress', bytes: doneBytes, total: totalBytes }, { often: true }),
          })
          return { event: 'done', path: done.folder, taken_at: takenAt, points, files, bytes }
        })
      },
    )
  })
}
