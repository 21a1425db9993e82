// Answers as Go kit's stringsvc sends them, byte for byte. Nothing here is worth imitating but where an old wire must stay.
import type { Reply, RequestListener } from '@tenon/transport-http'

/** The bytes of Go's encoding/json, which escapes what a browser might take for HTML. */
export function json(value: object): string {
  const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escaped)
}

/** A success: JSON, and the end of its line. */
export function success(reply: Reply, value: object) {
  // Go kit's handlers set no content type, so that Go takes their JSON for plain text. That much we do better.
  reply.headers['content-type'] = 'application/json'
  reply.status = 200
  reply.body = `${json(value)}\n`
}

/** An error as Go kit's default encoder writes it: 500 where nobody said another status, and the message as it is. */
export function error(reply: Reply, message: string) {
  reply.headers['content-type'] = 'text/plain; charset=utf-8'
  reply.status ||= 500
  reply.body = message
}

/** Routes for a path, whatever the verb: Go's handlers did not ask for it. */
export const anyVerb = (path: string, listener: RequestListener) =>
  Object.fromEntries(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((verb) => [`${verb} ${path}`, listener]))
