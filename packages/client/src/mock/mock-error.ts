/** A helper was asked for something that cannot be, such as a second device of one slug. */
export class MockError extends Error {
  override readonly name = 'MockError'
}
