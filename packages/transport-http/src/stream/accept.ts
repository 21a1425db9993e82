// Does a client take an event stream? What `accept` says, as far as one media type needs it (RFC 9110, 12.5.1).

/** The media type of an event stream. */
export const eventStream = 'text/event-stream'

/** Is this the content type of an event stream? Its parameters say nothing: the text is UTF-8 always. */
export const isEventStream = (type: string | undefined): boolean =>
  type !== undefined && (type.split(';', 1)[0] as string).trim().toLowerCase() === eventStream

const ranges: readonly string[] = ['*/*', 'text/*', eventStream]

/** The most specific range that fits decides; a weight of 0 excludes. No header is any type. */
export function acceptsEvents(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true
  let best = -1
  let taken = false
  for (const part of accept.split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const rank = ranges.indexOf(range)
    if (rank < best || rank < 0) continue
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    const excluded = weight !== undefined && Number(weight.slice(2)) === 0
    taken = rank === best ? taken || !excluded : !excluded
    best = rank
  }
  return taken
}
