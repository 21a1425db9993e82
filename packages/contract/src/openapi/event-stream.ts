// A server stream on HTTP: server-sent events, each of which carries a message as JSON.
import type { JsonObject } from './document.ts'

/**
 * The schema of a `text/event-stream`. The body is text; what it means is said by `contentSchema`, which describes what
 * the text holds: a list of events, the last of which may be a failure.
 */
export const eventStream = (message: JsonObject, problem: JsonObject): JsonObject => ({
  type: 'string',
  description:
    'Server-sent events. The `data` of each is one message as JSON. A failure is the last event: its `event` is `failure`, its `data` a problem document.',
  contentMediaType: 'text/event-stream',
  contentSchema: {
    type: 'array',
    items: {
      oneOf: [
        { type: 'object', properties: { id, event: { not: failed }, data: json(message) }, required: ['data'] },
        { type: 'object', properties: { event: failed, data: json(problem) }, required: ['event', 'data'] },
      ],
    },
  },
})

const id: JsonObject = { type: 'string', description: 'Its place in the stream, where the method gives one.' }
const failed: JsonObject = { type: 'string', const: 'failure' }

const json = (schema: JsonObject): JsonObject => ({
  type: 'string',
  contentMediaType: 'application/json',
  contentSchema: schema,
})
