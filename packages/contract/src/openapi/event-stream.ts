// A server stream on HTTP: server-sent events, each of which carries an item as JSON.
import type { JsonObject } from './document.ts'

/**
 * The schema of a `text/event-stream`. The body is text; what it means is said by `contentSchema`, which describes what
 * the text holds: a list of events, the last of which says how the stream ended. `resumes`: do items have ids?
 */
export const eventStream = (item: JsonObject, problem: JsonObject, resumes: boolean): JsonObject => ({
  type: 'string',
  description:
    'Server-sent events: one without a type for each item, its `data` the item as JSON. The last one is `end`, or `failure` with a problem document. A body that ends without either has broken off.',
  contentMediaType: 'text/event-stream',
  contentSchema: {
    type: 'array',
    items: {
      oneOf: [
        {
          title: 'Item',
          type: 'object',
          properties: { event: { const: 'message' }, ...(resumes && { id }), data: json(item) },
          // Source: HTML Living Standard, 9.2.6: what says no type is of this one.
          required: ['event', 'data', ...(resumes ? ['id'] : [])],
        },
        {
          title: 'End',
          type: 'object',
          properties: { event: { const: 'end' }, data: json({ type: 'object' }) },
          required: ['event', 'data'],
        },
        {
          title: 'Failure',
          type: 'object',
          properties: { event: { const: 'failure' }, data: json(problem) },
          required: ['event', 'data'],
        },
      ],
    },
  },
})

const id: JsonObject = { type: 'string', description: 'Of the item: `last-event-id` of who goes on after it.' }

const json = (schema: JsonObject): JsonObject => ({
  type: 'string',
  contentMediaType: 'application/json',
  contentSchema: schema,
})

/** What says where a stream goes on. */
export const lastEventId: JsonObject = {
  name: 'last-event-id',
  in: 'header',
  description:
    'The id of the last item that was read: the stream goes on after it. An `EventSource` sends it by itself.',
  schema: { type: 'string' },
}

/** Source: HTML Living Standard, 9.2.3: what tells an `EventSource` to stop. */
export const allRead: JsonObject = { description: 'All was read: `last-event-id` is that of the last event, `:end`.' }
