// Interim answers (1xx) on their way to the client.
import type { ServerResponse } from 'node:http'
import { endsHere, isFraming } from './hop.ts'
import { readLines, writeLines } from './lines.ts'

/**
 * Sends an interim answer other than 100, for which Node has no function that takes any status. In a pipeline, where it is
 * not this answer's turn yet, it is left out: a hint has lost its use by then.
 */
export function sendInterim(res: ServerResponse, status: number, lines: readonly string[]): void {
  const kept = writeLines(readLines(lines, endsHere(lines)), isFraming)
  let text = `HTTP/1.1 ${status} \r\n`
  for (let at = 0; at < kept.length; at += 2) text += `${kept[at]}: ${kept[at + 1]}\r\n`
  res.socket?.write(`${text}\r\n`, 'latin1')
}
