/** What the commands over one kind of resource differ in. */

export interface ResourceField {
  /** Of the resource, as the server calls it. */
  readonly field: string
  readonly flag: string
  readonly description: string
  /** `required` when something new is made; `new` cannot be changed later. */
  readonly when?: 'required' | 'new'
}

export interface ResourceKind {
  readonly name: 'org' | 'project' | 'device' | 'variable' | 'stream'
  readonly singular: string
  readonly plural: string
  /** How one of them is named on the command line. */
  readonly id: string
  /** What stands in the list, by header. Several fields: the first that has something. */
  readonly columns: Readonly<Record<string, string | readonly string[]>>
  /** Parameters of the list, by their flags. */
  readonly filters: readonly ResourceField[]
  /** The field that a new one gets from the first argument. */
  readonly title?: string
  readonly fields: readonly ResourceField[]
  /** Fields that `--set` takes besides. */
  readonly others: readonly string[]
  readonly examples: readonly string[]
}

const PROJECT_FILTER = { field: 'project', flag: '--project <slug>', description: 'only those of a project' }
const NEW_PROJECT = { field: 'project', flag: '--project <slug>', description: 'its project' } as const
const ABOUT = { field: 'about', flag: '--about <text>', description: 'what it is' }
const FACTORS = [
  'multiplication_factor',
  'division_factor',
  'offset',
  'mdo_label',
  'raw_value_format',
  'input_unit',
  'output_unit',
]

export const RESOURCE_KINDS: readonly ResourceKind[] = [
  {
    name: 'org',
    singular: 'organization',
    plural: 'organizations',
    id: 'slug',
    columns: { slug: 'slug', name: 'name', about: 'about', 'made by': 'created_by' },
    filters: [
      { field: 'search', flag: '--search <text>', description: 'only those with this in their name' },
    ],
    title: 'name',
    fields: [ABOUT],
    others: ['ot'],
    examples: [
      'sonde org create "Green Farm" --about "two houses"',
      'sonde org update green-farm --name Farm',
    ],
  },
  {
    name: 'project',
    singular: 'project',
    plural: 'projects',
    id: 'slug or UUID',
    columns: { slug: 'slug', name: 'name', org: 'org', id: 'id', about: 'about' },
    filters: [{ field: 'org', flag: '--org <slug>', description: 'only those of an organization' }],
    title: 'name',
    fields: [
      { field: 'org', flag: '--org <slug>', description: 'its organization', when: 'required' },
      ABOUT,
    ],
    others: ['project_template'],
    examples: [
      'sonde project create Greenhouse --org home',
      'sonde project update p--0000-0001 --name House',
    ],
  },
  {
    name: 'device',
    singular: 'device',
    plural: 'devices',
    id: 'slug',
    columns: {
      slug: 'slug',
      label: 'label',
      project: 'project',
      state: 'state',
      'external id': 'external_id',
    },
    filters: [
      PROJECT_FILTER,
      { field: 'org__slug', flag: '--org <slug>', description: 'only those of an organization' },
      {
        field: 'external_id',
        flag: '--external-id <id>',
        description: 'only the one with this id elsewhere',
      },
    ],
    title: 'label',
    fields: [
      { ...NEW_PROJECT, when: 'new' },
      { field: 'external_id', flag: '--external-id <id>', description: 'what it is called elsewhere' },
      { field: 'lat', flag: '--lat <degrees>', description: 'latitude' },
      { field: 'lon', flag: '--lon <degrees>', description: 'longitude' },
    ],
    others: ['active', 'sg', 'template', 'state', 'busy'],
    examples: [
      'sonde device create "bed north" --project p--0000-0001',
      'sonde device update d--0001 --set active=false',
    ],
  },
  {
    name: 'variable',
    singular: 'variable',
    plural: 'variables',
    id: 'slug',
    columns: {
      slug: 'slug',
      name: 'name',
      number: 'lid',
      units: ['output_unit.unit_short', 'units'],
      about: 'about',
    },
    filters: [
      PROJECT_FILTER,
      { field: 'search', flag: '--search <text>', description: 'only those with this in their name' },
    ],
    title: 'name',
    fields: [
      { ...NEW_PROJECT, when: 'required' },
      { field: 'lid', flag: '--number <number>', description: 'its number within the project', when: 'new' },
      { field: 'units', flag: '--units <text>', description: 'what it is measured in' },
      { field: 'decimal_places', flag: '--decimals <count>', description: 'digits behind the point' },
      ABOUT,
    ],
    others: ['var_type', 'derived_variable', 'web_only', 'app_only', ...FACTORS],
    examples: [
      'sonde variable create temperature --project p--0000-0001 --units °C',
      'sonde variable update v--0000-0001--0001 --decimals 1 --set multiplication_factor=10',
    ],
  },
  {
    name: 'stream',
    singular: 'stream',
    plural: 'streams',
    id: 'slug',
    columns: {
      slug: 'slug',
      label: ['data_label', 'var_name'],
      device: 'device',
      units: 'output_unit.unit_short',
      enabled: 'enabled',
    },
    filters: [
      PROJECT_FILTER,
      { field: 'device', flag: '--device <slug>', description: 'only those of a device' },
      { field: 'variable', flag: '--variable <slug>', description: 'only those of a variable' },
    ],
    fields: [
      { field: 'variable', flag: '--variable <slug>', description: 'its variable', when: 'required' },
      { field: 'device', flag: '--device <slug>', description: 'its device', when: 'new' },
      { field: 'data_label', flag: '--label <text>', description: 'what it is called' },
    ],
    others: ['data_type', 'var_type', 'enabled', 'mdo_type', 'derived_stream', ...FACTORS],
    examples: [
      'sonde stream create --device d--0001 --variable v--0000-0001--0001',
      'sonde stream update s--0000-0001--0000-0000-0000-0001--0001 --set enabled=false',
    ],
  },
]
