/**
 * Compiles the schemas of a route when its first request comes. Few servers are asked for all of their routes,
 * and the compilers, with what they make of every schema, are some megabytes and a tenth of the start.
 */
import { createRequire } from 'node:module'
import type { FastifyServerOptions } from 'fastify'
import { once } from '../model/once.ts'

type CompilersFactory = Required<
  NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
>
interface Validator {
  (data: unknown): unknown
  /** What was wrong with the data of the last call. */
  errors?: unknown
}
type Validators = (schemas: object, options: object) => (route: object) => Validator
type Serializers = CompilersFactory['buildSerializer']

/** Fastify's own compilers, as it would load them itself. */
const require = createRequire(createRequire(import.meta.url).resolve('fastify'))
const validators = once<Validators>(() => require('@fastify/ajv-compiler')())
const serializers = once<Serializers>(() => require('@fastify/fast-json-stringify-compiler')())

const buildValidator: Validators = (schemas, options) => {
  const compile = once(() => validators()(schemas, options))
  return (route) => {
    const compiled = once(() => compile()(route))
    const validate: Validator = (data) => {
      const isValid = compiled()(data)
      validate.errors = compiled().errors
      return isValid
    }
    return validate
  }
}

const buildSerializer: Serializers = (schemas, options) => {
  const compile = once(() => serializers()(schemas, options))
  return (route) => {
    const compiled = once(() => compile()(route))
    return (body) => compiled()(body)
  }
}

/** For Fastify's option `schemaController`. */
export const lazyCompilers = { buildValidator, buildSerializer } as CompilersFactory
