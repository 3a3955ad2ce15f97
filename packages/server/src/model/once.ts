/** What is costly and seldom needed is made when it is first asked for. */

/** Makes something at the first call, and answers the same at every later one. What throws is tried again. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
