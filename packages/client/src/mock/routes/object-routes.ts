/** Objects that are listed, read, changed and removed alike. */
import { find, isSame } from '../find-object.ts'
import { type Answer, type Ask, objectOf, pageOf, Refusal } from '../mock-http.ts'
import type { MockObject, MockState } from '../mock-state.ts'
import type { Routes } from './route.ts'

export interface ObjectKind {
  readonly path: string
  readonly map: (state: MockState) => Map<string, MockObject>
  /** Field by name of a query parameter. */
  readonly filters?: Readonly<Record<string, string>>
  /** Other conditions. */
  readonly isListed?: (object: MockObject, ask: Ask) => boolean
  readonly sizes?: { readonly usual: number; readonly max: number }
  /** Left out, by key and slug. @throws {Refusal} */
  readonly find?: (ask: Ask, id: string) => MockObject
  /** Left out, the list takes none. */
  readonly create?: (ask: Ask) => Answer
  /** What DELETE answers; left out, the object goes. */
  readonly undeletable?: Refusal
}

/** A list and the objects in it. */
export function objectRoutes(kind: ObjectKind): Routes {
  const { path, filters = {}, isListed = () => true } = kind
  const one = (ask: Ask) =>
    kind.find ? kind.find(ask, ask.names.id) : find(kind.map(ask.state), ask.names.id)
  const change = (ask: Ask): Answer => ({ status: 200, body: changed(one(ask), objectOf(ask)) })
  return {
    [path]: {
      GET(ask) {
        const objects = Array.from(kind.map(ask.state).values()).filter((object) => {
          const isMeant = ([name, field]: [string, string]) => isSame(object[field], ask.query.get(name))
          return Object.entries(filters).every(isMeant) && isListed(object, ask)
        })
        return pageOf(ask, objects, kind.sizes)
      },
      ...(kind.create ? { POST: kind.create } : {}),
    },
    [`${path}/:id`]: {
      GET: (ask) => ({ status: 200, body: one(ask) }),
      PUT: change,
      PATCH: change,
      DELETE(ask) {
        const object = one(ask)
        if (kind.undeletable) throw kind.undeletable
        const map = kind.map(ask.state)
        for (const [key, candidate] of map) if (candidate === object) map.delete(key)
        return { status: 204 }
      },
    },
  }
}

/** @throws {Refusal} a field that the object does not have. */
function changed(object: MockObject, fields: MockObject): MockObject {
  const unknown = Object.keys(fields).filter((name) => !Object.hasOwn(object, name))
  if (unknown.length > 0) {
    throw new Refusal(400, Object.fromEntries(unknown.map((name) => [name, ['There is no such field.']])))
  }
  return Object.assign(object, fields)
}
