/** How pages are answered: as a page, as JSON for whoever asked for it, or as a failure, after which the connection ends. */
import type { FastifyReply } from 'fastify'
import type { Failure } from '../failures.ts'
import { failureBody } from '../whm/reply.ts'

export function html(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(body)
}

export function json(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body))
}

export function refuse(reply: FastifyReply, failure: Failure): FastifyReply {
  if (failure.http === 405) reply.header('allow', 'GET, POST')
  if (failure.http === 503) reply.header('retry-after', '1')
  reply.raw.shouldKeepAlive = false
  return reply
    .code(failure.http)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(failureBody(1, undefined, failure.message))
}
