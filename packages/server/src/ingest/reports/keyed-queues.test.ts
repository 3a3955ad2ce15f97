import { expect, it } from 'vitest'
import { OverloadedError } from '../../errors.ts'
import { KeyedQueues } from './keyed-queues.ts'

/** Work that says when it began, and ends when it is told. */
function openWork(begun: string[]) {
  const ends = new Map<string, () => void>()
  return {
    end: (name: string) => ends.get(name)?.(),
    work: (name: string) => () => {
      begun.push(name)
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)))
    },
  }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

it('does the work of a key in order, that of others beside it, and goes on after a failure', async () => {
  const queues = new KeyedQueues({ perKeyMax: 3, overallMax: 9 })
  const begun: string[] = []
  const { work, end } = openWork(begun)
  const failing = queues.run('a', async () => {
    throw new Error('no')
  })
  const first = queues.run('a', work('a1'))
  const second = queues.run('a', work('a2'))
  const other = queues.run('b', work('b1'))
  await expect(failing).rejects.toThrow('no')
  await turn()
  expect(begun).toEqual(['b1', 'a1'])
  end('a1')
  expect(await first).toBe('a1')
  await turn()
  expect(begun).toEqual(['b1', 'a1', 'a2'])
  end('a2')
  end('b1')
  expect(await Promise.all([second, other])).toEqual(['a2', 'b1'])
})

it('refuses what would wait too long, and takes it again later', async () => {
  const queues = new KeyedQueues({ perKeyMax: 2, overallMax: 3 })
  const { work, end } = openWork([])
  const under = [queues.run('a', work('a1')), queues.run('a', work('a2'))]
  await expect(queues.run('a', work('a3'))).rejects.toThrow(OverloadedError)
  under.push(queues.run('b', work('b1')))
  await expect(queues.run('c', work('c1'))).rejects.toThrow(OverloadedError)
  for (const name of ['a1', 'a2', 'b1']) {
    await turn()
    end(name)
  }
  await Promise.all(under)
  expect(await queues.run('c', async () => 'again')).toBe('again')
})
