/** Reads a request's body, never more than the limit; refuses by the declared length before a byte is read. */
import type { IncomingMessage } from 'node:http'
import { Failure } from '../failures.ts'
import type { RequestHead } from './request-head.ts'

export function readBody(request: IncomingMessage, head: RequestHead, maxBytes: number): Promise<Buffer> {
  if (head.contentLength !== undefined && Number(head.contentLength) > maxBytes) {
    return Promise.reject(new Failure('body-too-large', { maxBytes }))
  }
  if (head.contentEncoding !== undefined && head.contentEncoding.toLowerCase() !== 'identity') {
    return Promise.reject(new Failure('body-type-unsupported'))
  }
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let length = 0
    request.on('data', (piece: Buffer) => {
      length += piece.length
      if (length > maxBytes) {
        request.pause()
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
    request.on('error', reject)
    request.on('close', () => reject(new Failure('request-malformed', { problem: 'the body was cut short' })))
  })
}
