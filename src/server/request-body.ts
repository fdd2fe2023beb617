/** A request's body: read, never more than the limit, and refused by its declared length before a byte is read; or thrown away. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Failure } from '../failures.ts'
import type { RequestHead } from './request-head.ts'

const DISCARD_MAX_MS = 1_000
const NO_BODY = Buffer.alloc(0)

/** A client that asked whether it may send the body is told to, once nothing in the head speaks against it. */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  head: RequestHead,
  maxBytes: number,
): Promise<Buffer> {
  if (head.contentLength !== undefined && Number(head.contentLength) > maxBytes) {
    return Promise.reject(new Failure('body-too-large', { maxBytes }))
  }
  if (isEncoded(head)) {
    return Promise.reject(new Failure('body-type-unsupported'))
  }
  // The listener ends a request without a body at once, so that no event follows.
  if (head.contentLength === undefined && head.transferEncoding === undefined) return Promise.resolve(NO_BODY)
  if (request.headers.expect !== undefined) response.writeContinue()
  return new Promise((resolve, reject) => {
    let pieces: Buffer[] = []
    let length = 0
    request.on('data', (piece: Buffer) => {
      length += piece.length
      if (length > maxBytes) {
        pieces = []
        reject(new Failure('body-too-large', { maxBytes }))
      } else {
        pieces.push(piece)
      }
    })
    request.on('end', () => {
      // A second credential behind the body is no better than a second one before it.
      if (request.rawTrailers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization')) {
        reject(new Failure('request-malformed', { problem: 'a credential stands behind the body' }))
      } else {
        resolve(Buffer.concat(pieces))
      }
    })
    const cutShort = (): void => reject(new Failure('request-malformed', { problem: 'the body was cut short' }))
    request.on('error', cutShort).on('close', cutShort)
  })
}

function isEncoded({ contentEncoding = 'identity', transferEncoding = 'chunked' }: RequestHead): boolean {
  return contentEncoding.toLowerCase() !== 'identity' || transferEncoding.toLowerCase() !== 'chunked'
}

/** Says whether bytes of the body may still come. */
export function isBodyLeft(request: IncomingMessage, head: RequestHead): boolean {
  const hasBody = head.transferEncoding !== undefined || (head.contentLength ?? '0') !== '0'
  return hasBody && !request.complete
}

/**
 * Ends the reply with `text` when the rest of the body has come, or soon. Closing with bytes unread would reset the connection, and
 * the client might never see why it was refused. A client that asked first has sent nothing yet.
 */
export function discardBody(request: IncomingMessage, response: ServerResponse, text: string): void {
  if (request.headers.expect !== undefined) {
    response.end(text)
    return
  }
  response.write(text)
  const end = (): void => {
    clearTimeout(timer)
    if (!response.writableEnded) response.end()
  }
  const timer = setTimeout(end, DISCARD_MAX_MS)
  request.once('end', end).once('close', end).resume()
}
