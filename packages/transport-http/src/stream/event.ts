// Events as the text of an event stream (HTML Living Standard, 9.2, "Server-sent events").

/** What an event says. Type and id are text without line ends. */
export interface SentEvent {
  /** Default: `message`. */
  readonly type?: string
  readonly id?: string
  /** Milliseconds that a client shall wait before it connects again. */
  readonly retry?: number
  readonly data: string
}

/**
 * The id of a last event. An `EventSource` connects again when a stream is over, as if it had broken, and says the last
 * id it has read: this one is answered with 204, which tells it to stop.
 */
export const endId = ':end'

/** A line that nobody reads: it shows that the server is there, and keeps proxies from closing the connection. */
export const heartbeat = ':\n\n'

/** An item of a stream: its JSON, which has no line ends. */
export const itemText = (id: string | undefined, json: string): string =>
  id === undefined ? `data: ${json}\n\n` : `id: ${id}\ndata: ${json}\n\n`

/** Any event; data of several lines travels as several. */
export function eventText({ type, id, retry, data }: SentEvent): string {
  let text = type === undefined ? '' : `event: ${type}\n`
  if (id !== undefined) text += `id: ${id}\n`
  if (retry !== undefined) text += `retry: ${retry}\n`
  for (const line of data.split(/\r\n|\r|\n/)) text += `data: ${line}\n`
  return `${text}\n`
}
