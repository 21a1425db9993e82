// A server stream on HTTP: server-sent events, each of which carries a message as JSON.
import type { JsonObject } from './document.ts'

/**
 * The schema of a `text/event-stream`. The body is text; what it means is said by `contentSchema`, which describes what
 * the text holds: a list of events, the last of which says how it ended.
 */
export const eventStream = (message: JsonObject, problem: JsonObject): JsonObject => ({
  type: 'string',
  description:
    'Server-sent events. The `data` of each is one message as JSON. The last event says how it ended: `end`, or `failure`, whose `data` is a problem document.',
  contentMediaType: 'text/event-stream',
  contentSchema: {
    type: 'array',
    items: {
      oneOf: [
        {
          type: 'object',
          properties: { id, event: { not: { enum: ['end', 'failure'] } }, data: json(message) },
          required: ['data'],
        },
        { type: 'object', properties: { event: { type: 'string', const: 'end' } }, required: ['event'] },
        {
          type: 'object',
          properties: { event: { type: 'string', const: 'failure' }, data: json(problem) },
          required: ['event', 'data'],
        },
      ],
    },
  },
})

const id: JsonObject = { type: 'string', description: 'Its place in the stream, where the method gives one.' }

const json = (schema: JsonObject): JsonObject => ({
  type: 'string',
  contentMediaType: 'application/json',
  contentSchema: schema,
})
