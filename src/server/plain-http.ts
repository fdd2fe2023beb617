/**
 * Plain HTTP on the TLS port. A browser that was typed without `https` is shown the way; a call, or anything that carries a
 * credential, is refused, because a redirect would teach the client to send its secret in clear again. Never any data.
 */
import type { Socket } from 'node:net'
import { isIPv6 } from 'node:net'
import { parseAuthorization } from '../whm/authorization.ts'
import { maskQuery, maskSecrets } from '../whm/mask.ts'
import { failureBody } from '../whm/reply.ts'
import { parseTarget } from '../whm/request-target.ts'
import { isApiPath } from './api-paths.ts'
import { connectionOf, type Peer } from './connection.ts'
import { RAW_BROWSER_JSON_HEADERS } from './respond.ts'

export type PlainRequest = {
  readonly peer: Peer
  /** Undefined: no credential was sent. Empty: one was sent that names nobody. */
  readonly claimedUser: string | undefined
}

const HEAD_MAX_BYTES = 16 * 1024
const HEAD_MAX_MS = 5_000

export function answerPlainHttp(
  socket: Socket,
  redirectHost: string | undefined,
  onRequest: (request: PlainRequest) => void,
): void {
  let head = ''
  const timer = setTimeout(() => socket.destroy(), HEAD_MAX_MS)
  socket.once('close', () => clearTimeout(timer))
  socket.on('data', (piece: Buffer) => {
    head += piece.toString('latin1')
    const end = head.indexOf('\r\n\r\n')
    if (end === -1 && head.length < HEAD_MAX_BYTES) return
    clearTimeout(timer)
    socket.removeAllListeners('data')
    socket.resume()
    const claimedUser = claimedUserIn(head.slice(0, end === -1 ? undefined : end), head)
    onRequest({ peer: connectionOf(socket).peer, claimedUser })
    const target = /^(?:GET|HEAD) (\/[!-~]*) HTTP\/1\.[01]\r\n/.exec(head)?.[1]
    const isForBrowser =
      target !== undefined && claimedUser === undefined && !isApiPath(target) && !target.includes('?')
    socket.end(isForBrowser ? redirect(socket, redirectHost) : refusal(), () => socket.destroySoon())
  })
}

/**
 * Undefined without a credential; the name it claims, or an empty text, with one. `received` is all that came, a part of the body
 * included: better a secret reported too often than one that crossed the network unnoticed.
 */
function claimedUserIn(head: string, received: string): string | undefined {
  const value = /^authorization:[ \t]*(.*)$/im.exec(head)?.[1]?.trimEnd()
  if (value !== undefined && value !== '') {
    const sent = parseAuthorization(value)
    return 'refusal' in sent ? (sent.claimedUser ?? '') : sent.user
  }
  const [, method, target = ''] = /^([A-Z]+) ([^ \r\n]+)/.exec(head) ?? []
  const { rawQuery, ...asked } = parseTarget(target)
  const isSignIn = method === 'POST' && asked.surface === 'other' && /^\/login\/?$/.test(asked.path)
  const holdsSecret = maskQuery(rawQuery) !== rawQuery || maskSecrets(received) !== received
  return isSignIn || holdsSecret || /^cookie:.*session=/im.test(head) ? '' : undefined
}

function redirect(socket: Socket, host: string | undefined): string {
  const name = host ?? socket.localAddress ?? 'localhost'
  const location = `https://${isIPv6(name) ? `[${name}]` : name}:${socket.localPort}/`
  return `HTTP/1.1 301 Moved Permanently\r\nlocation: ${location}\r\ncontent-length: 0\r\ncache-control: no-store\r\nconnection: close\r\n\r\n`
}

function refusal(): string {
  const body = failureBody(
    1,
    undefined,
    'This port speaks HTTPS only. A credential that was sent in clear should be replaced.',
  )
  return `HTTP/1.1 400 Bad Request\r\n${RAW_BROWSER_JSON_HEADERS}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
}
