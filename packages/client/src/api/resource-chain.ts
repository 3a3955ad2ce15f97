/** Turns names into addresses: `api.org('home').projects` is `/api/v1/org/home/projects/`. */
import type { Segment } from './parameters.ts'
import type { Resource } from './resource.ts'

/**
 * Names that languages and tools ask of any object. Whoever awaited, logged or compared a chain would get
 * addresses in answer to these, and requests with them.
 */
const NO_RESOURCE =
  /^(_.*|[$@].*|then|toJSON|constructor|prototype|valueOf|inspect|nodeType|asymmetricMatch)$/

/** Whether a property stands for a resource of that name. */
export function isResourceName(key: string | symbol): key is string {
  return typeof key === 'string' && !NO_RESOURCE.test(key)
}

/** A resource that can be called with ids, and has resources as properties, whatever their names. */
export function resourceChain(resource: Resource): unknown {
  const call = (...ids: readonly Segment[]) => resourceChain(resource.at(...ids))
  return new Proxy(call, {
    get(_target, key) {
      const own: unknown = key in resource ? Reflect.get(resource, key) : undefined
      if (typeof own === 'function' && key !== 'constructor') return own.bind(resource)
      return isResourceName(key) ? resourceChain(resource.at(key)) : undefined
    },
    has: (_target, key) => key in resource,
  })
}
