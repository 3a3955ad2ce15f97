/** Pins of boards that were sending while the server was killed. */
import { rm } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { type RunningServer, startServer, temporaryFolder } from './server.fixture.ts'

const BOARDS = 12
const ROUNDS = 2

async function ask({ url }: RunningServer, board: number, parameters: string): Promise<any> {
  const id = String(10_000_000 + board)
  const reply = await fetch(`${url}/pipeline/stream?id=${id}&key=abcdefghijklmnop&${parameters}`)
  return reply.json()
}

it('no pin that was acknowledged is lost when the server is killed', async () => {
  const folder = await temporaryFolder()
  const acknowledged = new Array<number>(BOARDS).fill(0)
  const boards = [...acknowledged.keys()]
  let server = await startServer(folder)
  await Promise.all(boards.map((board) => ask(server, board, 'opt=cre')))
  for (let round = 1; round <= ROUNDS; round++) {
    const sending = boards.map(async (board) => {
      for (let value = acknowledged[board] + 1; ; value++) {
        const pins = value % 2 === 0 ? `ivp1=${value}&svp1=t${value}` : `ivp1=${value}&ivp2=${value}`
        const reply = await ask(server, board, `opt=snd&${pins}`)
        if (reply.response !== 'success!') throw new Error(reply.message)
        acknowledged[board] = value
      }
    })
    const enough = async () => {
      while (Math.min(...acknowledged) < round * 20) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await Promise.race([enough(), ...sending])
    await server.end('SIGKILL')
    await Promise.allSettled(sending)
    server = await startServer(folder)
    const records = await Promise.all(boards.map((board) => ask(server, board, 'opt=rcv')))
    records.forEach(({ stream }, board) => {
      const value = stream.int_virtual_pin.ivp1
      // One more may have been stored whose answer was cut off.
      expect([0, 1]).toContain(value - acknowledged[board])
      expect(stream).toEqual(
        value % 2 === 0
          ? { int_virtual_pin: { ivp1: value }, str_virtual_pin: { svp1: `t${value}` } }
          : { int_virtual_pin: { ivp1: value, ivp2: value }, str_virtual_pin: {} },
      )
      acknowledged[board] = value
    })
  }
  await server.end()
  await rm(folder, { recursive: true, force: true })
})
