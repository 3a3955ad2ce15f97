/** `/api/v1/device/<slug>/command/`: commands for a device, which fetches and acknowledges them. */
import { formatDeviceSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import type { Permission } from '../../../access/roles.ts'
import { COMMAND_STATES, type CommandState } from '../../../catalog/commands.ts'
import type { DeviceRow } from '../../../catalog/schema.ts'
import type { CommandActor } from '../../../control/commands.ts'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { US_PER_S } from '../../../model/time.ts'
import { callerOf } from '../caller.ts'
import { check, deviceOfPath, targetOfDevice } from '../lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { CommandView, commandView } from '../views/command.ts'
import { Nullable } from '../views/nullable.ts'

const tags = ['device']
const DevicePath = Type.Object({ slug: Type.String({ description: '`d--…`, also without leading zeros' }) })
const CommandPath = Type.Object({ ...DevicePath.properties, id: Type.String({ description: 'A number' }) })

const LIFE_S_MAX = 30 * 24 * 60 * 60
const LIFE_S_USUAL = 24 * 60 * 60
const WAIT_S_MAX = 60
/** Of a payload or a result, as JSON. */
const JSON_BYTES_MAX = 8 * 1_024

const NewCommandBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 250 }),
    payload: Type.Optional(Type.Unknown({ description: 'What the device has to know; JSON up to 8 KiB' })),
    expires_in: Type.Optional(
      Type.Integer({ minimum: 1, maximum: LIFE_S_MAX, description: 'Seconds; a day unless given' }),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const AckBody = Type.Object(
  {
    result: Type.Optional(Type.Unknown({ description: 'JSON up to 8 KiB' })),
    error: Type.Optional(
      Nullable(
        Type.String({ minLength: 1, maxLength: 1_000, description: 'Given, the command counts as failed' }),
      ),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function commandRoutes(http: RestHttp, services: RestServices): void {
  const { commands } = services
  http.addHook('preClose', async () => commands.close())

  /** The device of the address, for somebody who may do that with it. */
  const deviceFor = async (request: FastifyRequest, permission: Permission): Promise<DeviceRow> => {
    const { slug: text } = request.params as { slug: string }
    const device = await deviceOfPath(services, request, { text, permission: 'view' })
    await check(services, request, permission, targetOfDevice(device))
    return device
  }

  http.get(
    '/device/:slug/command/',
    {
      schema: {
        tags,
        summary: 'List commands, newest first',
        params: DevicePath,
        querystring: Type.Object({ ...PageQuery, state: Type.Optional(Type.Enum(COMMAND_STATES)) }),
        response: { 200: PageOf(CommandView) },
      },
    },
    async (request) => {
      const { id: deviceId } = await deviceFor(request, 'read_data')
      const { state } = request.query as { state?: CommandState }
      const filter = { deviceId, ...(state === undefined ? {} : { state }) }
      const asked = readPageRequest(request, SMALL_PAGES)
      const { count, rows, page } = await readPaged(asked, (page) => commands.list(filter, page))
      return pageBody(request, services.publicUrl, { count, page, results: rows.map(commandView) })
    },
  )

  http.post(
    '/device/:slug/command/',
    {
      schema: {
        tags,
        summary: 'Give a command',
        params: DevicePath,
        body: NewCommandBody,
        response: { 201: CommandView },
      },
    },
    async (request, reply) => {
      const device = await deviceFor(request, 'control_device')
      const { name, payload = null, expires_in = LIFE_S_USUAL } = request.body
      const row = await commands.create(
        { device_id: device.id, name, payload: readJson('payload', payload) },
        { ...actorOf(request, device), lifeUs: expires_in * US_PER_S },
      )
      return reply.code(201).send(commandView(row))
    },
  )

  http.get(
    '/device/:slug/command/next/',
    {
      // A HEAD would count as a delivery, and its answer would not hold the command.
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Fetch the next command: for the device',
        description:
          'The oldest one, which counts as delivered then. It is handed out again after a minute without an ' +
          'acknowledgement. 204 when there is none.',
        params: DevicePath,
        querystring: Type.Object({
          wait: Type.Optional(
            Type.String({ description: `Seconds to wait for one, ${WAIT_S_MAX} at most; 0 unless given` }),
          ),
        }),
        response: { 200: CommandView, 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id } = await deviceFor(request, 'write_data')
      const waitMs = readWaitS(request.query.wait) * 1_000
      const hangUp = new AbortController()
      reply.raw.once('close', () => hangUp.abort())
      const row = await commands.next(id, { waitMs, signal: hangUp.signal })
      return row === undefined ? reply.code(204).send(null) : commandView(row)
    },
  )

  http.get(
    '/device/:slug/command/:id/',
    { schema: { tags, summary: 'Read a command', params: CommandPath, response: { 200: CommandView } } },
    async (request) => {
      const { id: deviceId } = await deviceFor(request, 'read_data')
      return commandView(await commands.find({ deviceId, id: readId(request.params.id) }))
    },
  )

  http.post(
    '/device/:slug/command/:id/ack/',
    {
      schema: {
        tags,
        summary: 'Tell what became of a command: for the device',
        params: CommandPath,
        body: AckBody,
        response: { 200: CommandView },
      },
    },
    async (request) => {
      const device = await deviceFor(request, 'write_data')
      const { result, error = null } = request.body
      const key = { deviceId: device.id, id: readId(request.params.id) }
      const outcome = { result: result === undefined ? null : readJson('result', result), error }
      return commandView(await commands.acknowledge(key, outcome, actorOf(request, device)))
    },
  )

  http.post(
    '/device/:slug/command/:id/cancel/',
    {
      schema: {
        tags,
        summary: 'Cancel a command that is not done yet',
        params: CommandPath,
        response: { 200: CommandView },
      },
    },
    async (request) => {
      const device = await deviceFor(request, 'control_device')
      const key = { deviceId: device.id, id: readId(request.params.id) }
      return commandView(await commands.cancel(key, actorOf(request, device)))
    },
  )
}

function actorOf(request: FastifyRequest, { id }: DeviceRow): CommandActor {
  return { accountId: callerOf(request).accountId, deviceSlug: formatDeviceSlug(id) }
}

/** @throws {InvalidError} it is too large. */
function readJson(field: string, value: unknown): string {
  const json = JSON.stringify(value)
  if (Buffer.byteLength(json) <= JSON_BYTES_MAX) return json
  throw InvalidError.field(field, `It has at most ${JSON_BYTES_MAX} bytes of JSON.`)
}

/** More than the most means the most. */
function readWaitS(text = '0'): number {
  if (!/^\d{1,9}$/.test(text)) throw InvalidError.field('wait', 'A whole number of seconds is required.')
  return Math.min(Number(text), WAIT_S_MAX)
}

function readId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new NotFoundError()
  return Number(text)
}
