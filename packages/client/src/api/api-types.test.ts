/** The shapes that programs are compiled against; `npm run types` is what can fail here. */
import { describe, expectTypeOf, it } from 'vitest'
import type { Account, CreatedToken } from '../resources/account.ts'
import type { DataBlock, Device, DeviceExtra, Fleet, FleetDevice, Property } from '../resources/device.ts'
import type { Org, Project } from '../resources/org.ts'
import type { OtaAction, OtaDevice, OtaRequest, OtaScriptFile } from '../resources/ota.ts'
import type { Event, Point, StreamPoint } from '../resources/point.ts'
import type { PointValue } from '../resources/scalars.ts'
import type { Stream, Variable } from '../resources/stream.ts'
import type { GeneratedReport, Streamer, StreamerReport, UploadUrl } from '../resources/streamer.ts'
import type { VarType } from '../resources/unit.ts'
import { Api } from './api.ts'
import type { AnyResource } from './endpoint.ts'
import type { Page } from './resource.ts'
import type { TokenCollection } from './resource-tree.ts'

/** Never called. */
function answersOf(api: Api) {
  return {
    accounts: api.account.get,
    orgs: api.org.get,
    orgProjects: api.org('home').projects.get,
    project: api.project('p--1').get,
    device: api.device('d--1').get,
    deviceExtra: api.device('d--1').extra.get,
    variable: api.variable('v--1--2').get,
    varType: api.vartype('temp').get,
    stream: api.stream('s--1--1--1').get,
    streamPoints: api.stream('s--1--1--1').data.get,
    points: api.data.get,
    event: api.event(1).get,
    property: api.property(1).get,
    block: api.datablock('b--1').get,
    fleet: api.fleet('g--1').get,
    fleetDevices: api.fleet('g--1').devices.get,
    streamer: api.streamer('t--1--1').get,
    streamerReports: api.streamer('t--1--1').report.get,
    report: api.streamer.report('id').get,
    generated: api.report.generated('id').get,
    uploadUrl: api.report.generated('id').uploadurl.post,
    otaDevice: api.ota.device('d--1').get,
    otaRequests: api.ota.request.get,
    otaActions: api.ota.action.get,
    otaFile: api.ota.script('z--1').file.get,
    token: api.resource<TokenCollection>('token').post,
    unknown: api.resource('rocket', 7).get,
  }
}
type Answers = {
  [Name in keyof ReturnType<typeof answersOf>]: Awaited<ReturnType<ReturnType<typeof answersOf>[Name]>>
}

describe('types of resources', () => {
  it('are those of the interface', () => {
    expectTypeOf<Answers['accounts']>().toEqualTypeOf<Page<Account>>()
    expectTypeOf<Answers['orgs']>().toEqualTypeOf<Page<Org>>()
    expectTypeOf<Answers['orgProjects']>().toEqualTypeOf<Page<Project>>()
    expectTypeOf<Answers['project']>().toEqualTypeOf<Project>()
    expectTypeOf<Answers['device']>().toEqualTypeOf<Device>()
    expectTypeOf<Answers['deviceExtra']>().toEqualTypeOf<DeviceExtra>()
    expectTypeOf<Answers['variable']>().toEqualTypeOf<Variable>()
    expectTypeOf<Answers['varType']>().toEqualTypeOf<VarType>()
    expectTypeOf<Answers['stream']>().toEqualTypeOf<Stream>()
    expectTypeOf<Answers['streamPoints']>().toEqualTypeOf<Page<StreamPoint>>()
    expectTypeOf<Answers['points']>().toEqualTypeOf<Page<Point>>()
    expectTypeOf<Answers['event']>().toEqualTypeOf<Event>()
    expectTypeOf<Answers['property']>().toEqualTypeOf<Property>()
    expectTypeOf<Answers['block']>().toEqualTypeOf<DataBlock>()
    expectTypeOf<Answers['fleet']>().toEqualTypeOf<Fleet>()
    expectTypeOf<Answers['fleetDevices']>().toEqualTypeOf<Page<FleetDevice>>()
    expectTypeOf<Answers['streamer']>().toEqualTypeOf<Streamer>()
    expectTypeOf<Answers['streamerReports']>().toEqualTypeOf<readonly StreamerReport[]>()
    expectTypeOf<Answers['report']>().toEqualTypeOf<StreamerReport>()
    expectTypeOf<Answers['generated']>().toEqualTypeOf<GeneratedReport>()
    expectTypeOf<Answers['uploadUrl']>().toEqualTypeOf<UploadUrl>()
    expectTypeOf<Answers['otaDevice']>().toEqualTypeOf<OtaDevice>()
    expectTypeOf<Answers['otaRequests']>().toEqualTypeOf<Page<OtaRequest>>()
    expectTypeOf<Answers['otaActions']>().toEqualTypeOf<Page<OtaAction>>()
    expectTypeOf<Answers['otaFile']>().toEqualTypeOf<OtaScriptFile>()
    expectTypeOf<Answers['token']>().toEqualTypeOf<CreatedToken>()
    expectTypeOf<Answers['unknown']>().toBeUnknown()
  })

  it('go along with iteration', () => {
    const read = async (api: Api) => {
      for await (const item of api.device.items()) return item
      return undefined
    }
    expectTypeOf(read).returns.resolves.toEqualTypeOf<Device | undefined>()
    expectTypeOf<ReturnType<AnyResource>>().toEqualTypeOf<AnyResource>()
  })

  it('refuse what no server takes', () => {
    const wrong = (api: Api) => [
      // @ts-expect-error exactly one value
      api.property.post({ target: 'd--1', name: 'x', int_value: 1, str_value: 'x' }),
      // @ts-expect-error either what was counted or a value
      api.data.post({ stream: 's--1', timestamp: '2026-01-01', int_value: 1, value: 1 }),
      // @ts-expect-error a label is a text
      api.device('d--1').patch({ label: 7 }),
      // @ts-expect-error there is no such resource among those that are known
      api.rocket,
      // @ts-expect-error no such aggregate
      api.query({ project: 'x', agg: 'median' }),
      // @ts-expect-error no such option
      new Api({ host: 'localhost' }),
    ]
    expectTypeOf(wrong).toBeFunction()
  })
})

describe('types of query answers', () => {
  const ask = async (api: Api) => ({
    raw: (await api.query({ project: 'x' }))[0].values,
    mean: (await api.query({ project: 'x', every: '1h' }))[0].values,
    one: (await api.query({ project: 'x', agg: 'count' }))[0].values,
    listOfOne: (await api.query({ project: 'x', agg: ['last'] }))[0].values,
    two: (await api.query({ project: 'x', agg: ['min', 'last'] }))[0].values,
    rows: await api.queryRows({ project: 'x' }).next(),
    aggregateRows: await api.queryRows({ project: 'x', agg: ['min', 'first'] }).next(),
  })
  type Answer = Awaited<ReturnType<typeof ask>>

  it('follow from the request', () => {
    expectTypeOf<Answer['raw']>().toEqualTypeOf<readonly PointValue[]>()
    expectTypeOf<Answer['mean']>().toEqualTypeOf<readonly (number | null)[]>()
    expectTypeOf<Answer['one']>().toEqualTypeOf<readonly (number | null)[]>()
    expectTypeOf<Answer['listOfOne']>().toEqualTypeOf<readonly (PointValue | null)[]>()
    expectTypeOf<Answer['two']>().toEqualTypeOf<{
      readonly min: readonly (number | null)[]
      readonly last: readonly (PointValue | null)[]
    }>()
  })

  it('are those of rows, too', () => {
    type Row<Result> = Result extends IteratorYieldResult<infer Value> ? Value : never
    expectTypeOf<Row<Answer['rows']>['value']>().toEqualTypeOf<PointValue>()
    expectTypeOf<Row<Answer['aggregateRows']>['min']>().toEqualTypeOf<number | null>()
    expectTypeOf<Row<Answer['aggregateRows']>['first']>().toEqualTypeOf<PointValue | null>()
    expectTypeOf<Row<Answer['aggregateRows']>>().not.toHaveProperty('value')
  })
})
