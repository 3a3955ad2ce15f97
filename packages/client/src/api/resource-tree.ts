/** The resources of a server under their names, with the shapes of section 7 of the interface. */
import type {
  Account,
  CreatedToken,
  Member,
  NewAccount,
  NewToken,
  Role,
  Token,
} from '../resources/account.ts'
import type {
  DataBlock,
  Device,
  DeviceExtra,
  DeviceTemplate,
  Fleet,
  FleetDevice,
  NewProperty,
  Property,
  SensorGraph,
} from '../resources/device.ts'
import type { Org, OrgExtra, Project, ProjectExtra } from '../resources/org.ts'
import type {
  OtaAction,
  OtaDevice,
  OtaRequest,
  OtaScript,
  OtaScriptFile,
  OtaVersion,
} from '../resources/ota.ts'
import type { Counted, Event, NewEvent, NewPoint, Point, StreamPoint } from '../resources/point.ts'
import type { NewStream, Stream, Variable } from '../resources/stream.ts'
import type {
  GeneratedReport,
  Streamer,
  StreamerReport,
  UploadedFile,
  UploadUrl,
} from '../resources/streamer.ts'
import type { VarType } from '../resources/unit.ts'
import type { Collection, Endpoint, List } from './endpoint.ts'

interface OrgParts {
  readonly extra: Endpoint<OrgExtra>
  readonly projects: List<Project>
  readonly devices: List<Device>
  readonly archives: List<DataBlock>
  readonly membership: Endpoint
  readonly invite: Endpoint
  /** Adds a member. */
  readonly register: Endpoint<unknown, { readonly user: string; readonly role: Role }, Member>
  readonly members: Collection<Member>
}

interface ProjectParts {
  readonly extra: Endpoint<ProjectExtra>
  readonly properties: List<Property>
  readonly new_property: Endpoint<unknown, unknown, Property>
}

interface DeviceParts {
  readonly extra: Endpoint<DeviceExtra>
  readonly sg: Endpoint<SensorGraph>
  readonly template: Endpoint<DeviceTemplate>
  readonly versions: Endpoint<readonly OtaVersion[]>
  readonly streamers: List<Streamer>
  readonly properties: List<Property>
  readonly new_property: Endpoint<unknown, unknown, Property>
  readonly health: Endpoint
  readonly status: Endpoint
  readonly reset: Endpoint
  readonly trim: Endpoint
  readonly mask: Endpoint
  readonly unclaim: Endpoint
}

interface Claim {
  readonly device: string
  readonly project: string
}

interface DeviceActions {
  readonly claim: Endpoint<unknown, Claim, Claim & { readonly claimed: boolean; readonly project_id: string }>
  readonly claimable: Endpoint<unknown, { readonly slugs: readonly string[] }>
}

/** A point or event alone is answered as it is kept, a list of them with their number. */
type WriteMany<Item, New> = Omit<List<Item, New>, 'post'> & {
  post(data: New): Promise<Item>
  post(data: readonly New[]): Promise<Counted>
}

export interface ResourceTree {
  readonly account: Collection<
    Account,
    { readonly set_password: Endpoint<unknown, { readonly password: string }, { readonly status: string }> },
    NewAccount
  >
  readonly org: Collection<Org, OrgParts>
  readonly project: Collection<Project, ProjectParts>
  readonly device: Collection<Device, DeviceParts> & DeviceActions
  readonly variable: Collection<Variable, { readonly type: Endpoint<VarType> }>
  readonly vartype: Collection<VarType>
  readonly stream: Collection<
    Stream,
    { readonly data: List<StreamPoint>; readonly csv: Endpoint<Uint8Array> },
    NewStream
  >
  readonly data: WriteMany<Point, NewPoint>
  /** Points as a table: bytes of CSV, unless another `format` is asked for. */
  readonly df: Endpoint<Uint8Array>
  readonly event: WriteMany<Event, NewEvent> & {
    (id: number): Endpoint<Event> & { readonly data: Endpoint }
    readonly upload: Endpoint<unknown, unknown, Event>
  }
  readonly property: Collection<Property, object, NewProperty>
  readonly datablock: Collection<DataBlock, { readonly extra: Endpoint<DeviceExtra> }>
  readonly fleet: Collection<
    Fleet,
    {
      readonly devices: List<FleetDevice>
      readonly register: Endpoint<unknown, Partial<FleetDevice>, FleetDevice>
      readonly deregister: Endpoint<unknown, Partial<FleetDevice>, unknown>
    }
  >
  readonly sg: Collection<SensorGraph>
  readonly dt: Collection<DeviceTemplate>
  readonly streamer: Collection<Streamer, { readonly report: Endpoint<readonly StreamerReport[]> }> & {
    readonly report: Collection<StreamerReport, object, unknown, Counted>
  }
  readonly report: {
    readonly generated: Collection<
      GeneratedReport,
      {
        readonly uploadurl: Endpoint<
          unknown,
          { readonly name: string; readonly acl?: string; readonly content_type?: string },
          UploadUrl
        >
        readonly uploadsuccess: Endpoint<unknown, { readonly name: string }, UploadedFile>
      },
      { readonly label: string; readonly org: string }
    >
  }
  readonly ota: {
    readonly device: (slug: string) => Endpoint<OtaDevice>
    readonly request: Collection<OtaRequest, { readonly devices: List<unknown> }>
    readonly action: Collection<OtaAction>
    readonly script: Collection<OtaScript, { readonly file: Endpoint<OtaScriptFile> }>
    readonly version: Collection<OtaVersion>
  }
  readonly auth: {
    /** Who the credentials belong to. */
    readonly 'user-info': Endpoint<Account & { readonly jwt: string }>
    readonly token: Endpoint<{ readonly token: string; readonly jwt: string }>
  }
}

/** Tokens of the caller, at `token/`: `api.resource<TokenCollection>('token')`, since `api.token` is a token. */
export type TokenCollection = Collection<Token, object, NewToken, CreatedToken>
