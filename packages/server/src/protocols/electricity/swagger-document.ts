/** The description of this API, in Swagger 2.0 as its clients know it. */

const TEXT = { type: 'string' }

const RECORD = {
  type: 'object',
  description: 'One row. Every value is a text; an empty cell is None.',
  properties: {
    date: { ...TEXT, example: '2019-08-01 00:00:00' },
    energy: { ...TEXT, description: 'kWh', example: '1.21100' },
    id: { ...TEXT, example: '1' },
    intensity: { ...TEXT, description: 'A', example: '53.00300' },
    maximeter: { ...TEXT, description: 'kW', example: '5.30600' },
    power: { ...TEXT, description: 'kW', example: '5.15600' },
    power_factor: { ...TEXT, example: '0.85700' },
    reactive_energy: { ...TEXT, description: 'kVArh', example: '0.20000' },
    reactive_power: { ...TEXT, description: 'kVAr', example: '-8.38200' },
    voltage: { ...TEXT, description: 'V', example: '121.95500' },
  },
}

const DATA = {
  type: 'object',
  properties: {
    message: { ...TEXT, description: 'Empty, or No data found.' },
    status: { ...TEXT, example: 'OK' },
    statusCode: { type: 'integer', example: 200 },
    values: {
      type: 'object',
      properties: {
        numrecs: { type: 'integer' },
        records: { type: 'array', items: { $ref: '#/definitions/Record' } },
      },
    },
  },
}

const FAILURE = {
  type: 'object',
  properties: { message: TEXT, status: TEXT, statusCode: TEXT },
}

const TOKEN = {
  type: 'object',
  properties: {
    Authorization_type: { ...TEXT, example: 'API Key' },
    In: { ...TEXT, example: 'header' },
    Key: { ...TEXT, example: 'SESSION' },
    value_token: TEXT,
  },
}

const failure = (description: string) => ({ description, schema: { $ref: '#/definitions/Failure' } })

function login(operationId: string) {
  return {
    tags: ['login'],
    operationId,
    summary: 'Exchanges a user name and password for a token.',
    security: [{ basic: [] }],
    responses: {
      200: { description: 'The token', schema: { $ref: '#/definitions/Token' } },
      401: failure('Invalid user and/or password'),
      429: failure('Too many failed attempts'),
    },
  }
}

function data(operationId: string, summary: string, parameters: readonly object[]) {
  const responses = {
    200: { description: 'Rows in ascending id', schema: { $ref: '#/definitions/Data' } },
    405: failure('Token is missing'),
    406: failure('Token is invalid'),
  }
  const refused = { 400: failure('Unable to obtain the data') }
  return {
    get: {
      tags: ['apielec'],
      operationId,
      summary,
      parameters,
      responses: parameters.length === 0 ? responses : { ...responses, ...refused },
      security: [{ apikey: [] }],
    },
  }
}

function parameter(name: string, description: string, { required = true } = {}) {
  return { name, in: 'query', type: 'string', required, description }
}

export const SWAGGER_DOCUMENT = {
  swagger: '2.0',
  info: {
    title: 'API Electricity data',
    version: '1.0',
    description: 'Quarter-hour measurements of an electricity meter, read only.',
  },
  basePath: '/',
  produces: ['application/json'],
  consumes: ['application/json'],
  tags: [
    { name: 'login', description: 'Where tokens come from' },
    { name: 'apielec', description: 'Electricity data' },
  ],
  securityDefinitions: {
    apikey: { type: 'apiKey', in: 'header', name: 'SESSION', description: 'The token from /login' },
    basic: { type: 'basic' },
  },
  paths: {
    '/login': { get: login('get_login'), post: login('post_login') },
    '/apielec/ping': data('get_ping', 'Answers that the service is there.', []),
    '/apielec/getData': data('get_get_data', 'Every row.', []),
    '/apielec/getDataById': data('get_get_data_by_id', 'Rows by their ids.', [
      parameter('id', 'Ids separated by commas: 5,100'),
    ]),
    '/apielec/getDataByDate': data('get_get_data_by_date', 'Rows whose date matches a pattern.', [
      parameter(
        'date',
        'YYYY-MM-DD HH:MM:SS; % stands for any characters, _ for one: 2019-09-11 1_:00:00, 2019-09%',
        { required: false },
      ),
    ]),
    '/apielec/getDataByRange': data('get_get_data_by_range', 'Rows between two dates, both included.', [
      parameter('date', 'First date: 2019-09-11 10:45:00, or 2019-09-11'),
      parameter('end_date', 'Last date, in the same form'),
    ]),
  },
  definitions: { Record: RECORD, Data: DATA, Failure: FAILURE, Token: TOKEN },
} as const
