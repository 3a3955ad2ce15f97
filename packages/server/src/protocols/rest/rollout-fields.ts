/** What bodies say of rollouts: packages and tags by name, stages, and limits. */
import { parseSlug } from '@sonde/client'
import type { Static } from 'typebox'
import { findFleet } from '../../catalog/fleets.ts'
import { findTag } from '../../catalog/package-tags.ts'
import { findPackage } from '../../catalog/packages.ts'
import type { NewStage, RolloutPolicyColumns } from '../../catalog/rollouts.ts'
import type { PackageTagRow } from '../../catalog/schema/packages.ts'
import { InvalidError } from '../../errors.ts'
import { VERSION_VARIABLE } from '../../rollout/device-updates.ts'
import { Type } from './schema.ts'
import type { RestServices } from './services.ts'
import { UNKNOWN_FIELDS_IGNORED } from './unknown-fields.ts'
import { Nullable } from './views/nullable.ts'

const STAGES_MAX = 20
const DAY_S = 86_400
const MONTH_S = 30 * DAY_S

const POLICY = {
  name: Type.Optional(Type.String({ maxLength: 250 })),
  failure_percent_max: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 100, description: 'Failed attempts that stop it; 10 unless given' }),
  ),
  attempts_min: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: 'Ended attempts before it is judged; 5' }),
  ),
  attempts_max: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 20, description: 'Of one device until it has failed; 3' }),
  ),
  timeout_s: Type.Optional(
    Type.Integer({ minimum: 10, maximum: MONTH_S, description: 'Until the new version must be there; 900' }),
  ),
  advance_percent: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      description: 'Devices that have ended open the next stage; 90',
    }),
  ),
  soak_s: Type.Optional(
    Type.Integer({ minimum: 0, maximum: MONTH_S, description: 'Between two stages at least; 0' }),
  ),
  on_failure: Type.Optional(Type.Enum(['pause', 'rollback'], { description: '`pause` unless given' })),
  version_variable: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 250,
      description: `Its newest text is the version; \`${VERSION_VARIABLE}\` unless given`,
    }),
  ),
}

export const RolloutBody = Type.Object(POLICY, UNKNOWN_FIELDS_IGNORED)

const StageBody = Type.Object(
  {
    percent: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'More than the one before' }),
    ),
    fleet: Type.Optional(Type.String({ description: 'Slug: a ring' })),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export const NewRolloutBody = Type.Object(
  {
    ...POLICY,
    org: Type.String({ description: 'Slug' }),
    package: Type.String(),
    tag: Type.String(),
    rollback_tag: Type.Optional(
      Nullable(Type.String({ description: 'For devices that do not say what they ran before' })),
    ),
    fleet: Type.Optional(
      Nullable(Type.String({ description: 'Slug; else all active devices of the organization' })),
    ),
    stages: Type.Optional(
      Type.Array(StageBody, {
        minItems: 1,
        maxItems: STAGES_MAX,
        description: 'One of 100 percent unless given',
      }),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)

const USUAL: RolloutPolicyColumns = {
  name: '',
  failure_percent_max: 10,
  attempts_min: 5,
  attempts_max: 3,
  timeout_s: 900,
  advance_percent: 90,
  soak_s: 0,
  on_failure: 'pause',
  version_variable: VERSION_VARIABLE,
}

export function readPolicy(body: Static<typeof RolloutBody>): Partial<RolloutPolicyColumns> {
  const names = Object.keys(USUAL) as (keyof RolloutPolicyColumns)[]
  return Object.fromEntries(names.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])))
}

export function readNewPolicy(body: Static<typeof NewRolloutBody>): RolloutPolicyColumns {
  return { ...USUAL, name: `${body.package} ${body.tag}`.slice(0, 250), ...readPolicy(body) }
}

/** @throws {InvalidError} no such package or tag. */
export async function tagByName(
  { catalog }: RestServices,
  { title, tag, field = 'tag' }: { title: string; tag: string; field?: string },
): Promise<PackageTagRow> {
  const owner = await findPackage(catalog, title)
  if (owner === undefined) throw InvalidError.field('package', 'There is no such package.')
  const row = await findTag(catalog, { packageId: owner.id, tag })
  if (row === undefined) throw InvalidError.field(field, 'The package has no such tag.')
  return row
}

/** @throws {InvalidError} no such fleet in the organisation. */
export async function fleetOfOrg(
  { catalog }: RestServices,
  { orgId, slug: text, field }: { orgId: string; slug: string; field: string },
): Promise<number> {
  const slug = parseSlug(text)
  const fleet = slug?.kind === 'fleet' ? await findFleet(catalog, slug.fleet) : undefined
  if (fleet?.org_id !== orgId) throw InvalidError.field(field, 'The organization has no such fleet.')
  return fleet.id
}

/** @throws {InvalidError} a stage is neither a share nor a ring, or a share does not grow. */
export async function readStages(
  services: RestServices,
  { orgId, stages = [{ percent: 100 }] }: { orgId: string; stages: Static<typeof StageBody>[] | undefined },
): Promise<NewStage[]> {
  const read: NewStage[] = []
  let before = 0
  for (const { percent, fleet } of stages) {
    if ((percent === undefined) === (fleet === undefined)) {
      throw InvalidError.field('stages', 'Each stage has either a percent or a fleet.')
    }
    if (percent !== undefined && percent <= before) {
      throw InvalidError.field('stages', 'Each percent is more than the one before; the last may be 100.')
    }
    before = percent ?? before
    const fleetId =
      fleet === undefined ? null : await fleetOfOrg(services, { orgId, slug: fleet, field: 'stages' })
    read.push({ percent: percent ?? null, fleet_id: fleetId })
  }
  return read
}
