// Somebody who is no attacker, in a process of his own: asks a server all the time, on a kept connection and on new ones.
import { Agent, request } from 'node:http'
import { answer } from '../harness/ask.ts'
import { Bystanding } from './bystanding.ts'

const body = JSON.stringify({
  customer: { id: 'c-17', name: 'Ada' },
  lines: [
    { sku: 'oak-table', qty: 1, price: 420.5 },
    { sku: 'ash-chair', qty: 4, price: 89 },
  ],
  note: 'leave it at the door',
})
const expected = '{"id":"c-17","total":776.5}'
/** Milliseconds until a request is given up. */
const patience = 20_000
const port = Number(process.argv[2])

const asking = (agent: Agent) => (): Promise<string | undefined> =>
  new Promise((resolve) => {
    const failed = (cause: NodeJS.ErrnoException): void => resolve(cause.code ?? cause.message)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const req = request({ host: '127.0.0.1', port, path: '/v1/orders', method: 'POST', agent, headers }, (res) => {
      let text = ''
      res.setEncoding('utf8').on('data', (piece) => {
        text += piece
      })
      res.on('error', failed)
      res.on('end', () =>
        resolve(res.statusCode !== 200 ? String(res.statusCode) : text === expected ? undefined : 'another answer'),
      )
    })
    req.setTimeout(patience, () => req.destroy(Object.assign(new Error('late'), { code: 'no answer' })))
    req.on('error', failed)
    req.end(body)
  })

const bystanding = new Bystanding()
void bystanding.work(asking(new Agent({ keepAlive: true, maxSockets: 1 })))
void bystanding.work(asking(new Agent({ keepAlive: false })))

export type BystanderAnswers = Bystanding['answers']
answer(bystanding.answers)
