import { expect, it } from 'vitest'
import { slugFromName, slugFromUsername } from './slug-text.ts'

it('makes slugs of names', () => {
  const name = (text: string, slug: string) => expect(slugFromName(text), text).toBe(slug)
  name('My new Org', 'my-new-org')
  name('  Müller & Søn, Ltd. ', 'muller-søn-ltd')
  name('a_b--c', 'a_b-c')
  name('温室 2', '温室-2')
  name('…', '')
})

it('drops the dots of user names', () => {
  const username = (text: string, slug: string) => expect(slugFromUsername(text), text).toBe(slug)
  username('user.new', 'usernew')
  username('Rick', 'rick')
  username('a@b.org', 'a-borg')
  username('...', '')
})
