/** `/api/v1/import/electricity/`: the meter's CSV file for the electricity API. */
import multipart from '@fastify/multipart'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { requireStaff } from '../../../access/permissions.ts'
import { InvalidError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import { Imports } from './import-events.ts'

export interface ImportElectricityServices {
  readonly importElectricity: ImportElectricity
  readonly config: { readonly limits: { readonly importBytesMax: number } }
}

/** Resolves to the number of rows once everything is stored; a failure leaves nothing behind. */
export type ImportElectricity = (request: {
  /** In whose name project, device and streams are made when they are missing. */
  readonly accountId: number
  readonly csv: AsyncIterable<Uint8Array>
  /** `name:password` of who may log in to the electricity API. */
  readonly user: string | undefined
  readonly existing: 'refuse' | 'append' | 'replace'
  /** IANA name; undefined is that of the meter's home. */
  readonly timeZone: string | undefined
  readonly onEvent: (
    event:
      | { readonly kind: 'step'; readonly text: string }
      | { readonly kind: 'line'; readonly line: number }
      | { readonly kind: 'done'; readonly rows: number },
  ) => void
  readonly signal: AbortSignal
}) => Promise<number>

const FIELD_BYTES_MAX = 4_096
const FIELDS_MAX = 10

export function importElectricityRoutes(http: RestHttp, services: ImportElectricityServices): void {
  const { importElectricity, config } = services

  void http.register(async (scope) => {
    const imports = new Imports(scope)
    scope.removeAllContentTypeParsers()
    await scope.register(multipart, {
      limits: {
        fileSize: config.limits.importBytesMax,
        files: 1,
        fields: FIELDS_MAX,
        fieldSize: FIELD_BYTES_MAX,
      },
    })
    scope.withTypeProvider<TypeBoxTypeProvider>().post(
      '/import/electricity/',
      {
        schema: {
          tags: ['import'],
          summary: "Import the meter's CSV file for the electricity API; staff only",
          description:
            'A form with the field `user` (`name:password`, who may log in to the electricity API; needed as ' +
            'long as nobody may) before the file `file`. The answer tells how it goes, one JSON object a line, ' +
            'and ends with `done` or `error`. After an error nothing is stored, nor when the client goes away.',
          consumes: ['multipart/form-data'],
          querystring: Type.Object({
            existing: Type.Optional(
              Type.Enum(['refuse', 'append', 'replace'], {
                description: 'What to do when there are rows already; `refuse` is the default',
              }),
            ),
            tz: Type.Optional(Type.String({ description: 'IANA time zone of the dates' })),
          }),
        },
      },
      async (request, reply) => {
        requireStaff(callerOf(request))
        const { existing = 'refuse', tz } = request.query
        return imports.reply(request, reply, async ({ send, signal }) => {
          let user: string | undefined
          for await (const part of request.parts()) {
            if (part.type === 'field' && part.fieldname === 'user') user = String(part.value)
            if (part.type === 'field') continue
            const rows = await importElectricity({
              accountId: callerOf(request).accountId,
              csv: part.file,
              user,
              existing,
              timeZone: tz,
              signal,
              onEvent: (event) => {
                if (event.kind === 'step') send({ event: 'step', text: event.text })
                if (event.kind === 'line') send({ event: 'line', line: event.line }, { often: true })
              },
            })
            return { event: 'done', rows }
          }
          throw InvalidError.field('file', 'The form has no file.')
        })
      },
    )
  })
}
