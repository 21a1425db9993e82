import { type Code, codes } from '@tenon/endpoint'
import { describe, expect, it } from 'vitest'
import { codeOf, statusOf } from './index.ts'

const table: Readonly<Record<Code, number>> = {
  cancelled: 499,
  unknown: 500,
  invalid_argument: 400,
  deadline_exceeded: 504,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 400,
  aborted: 409,
  out_of_range: 400,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  data_loss: 500,
  unauthenticated: 401,
}

describe('codes and HTTP statuses', () => {
  it('given each of the sixteen codes, when its status is asked for, then it is the canonical one', () => {
    for (const code of Object.keys(codes) as Code[]) expect([code, statusOf(code)]).toEqual([code, table[code]])
  })

  it('given a status of the table, when its code is asked for, then that code has this status', () => {
    for (const status of Object.values(table)) expect([status, statusOf(codeOf(status))]).toEqual([status, status])
  })

  it('given a code that has a status for itself, when it goes there and back, then it is the same code', () => {
    const shared = ['unknown', 'failed_precondition', 'out_of_range', 'already_exists', 'data_loss']
    for (const code of Object.keys(codes) as Code[])
      if (!shared.includes(code)) expect([code, codeOf(statusOf(code))]).toEqual([code, code])
  })

  it('given a status that nobody encoded, when its code is asked for, then proxies and broken servers count as such', () => {
    expect([502, 500, 507, 520].map(codeOf)).toEqual(['unavailable', 'internal', 'internal', 'internal'])
    expect([302, 405, 418, 600, 0, Number.NaN].map(codeOf)).toEqual(Array(6).fill('unknown'))
  })
})
