/** What a browser may do with a page: nothing that the page did not bring, from nowhere else. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PAGE_STYLE_HASH } from './page-headers.ts'

/** For `@fastify/helmet`. */
export function helmetOptions() {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // The components of the pages write a few style sheets as they run; each carries the page's own nonce.
        styleSrc: [
          "'self'",
          PAGE_STYLE_HASH,
          (_request: IncomingMessage, response: ServerResponse) => `'nonce-${nonceOf(response)}'`,
        ],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // It would bind the whole host name, every port of it; on a hosting machine that is not Postern's to decide.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' as const },
    xFrameOptions: { action: 'deny' as const },
  }
}

const nonces = new WeakMap<ServerResponse, string>()

/** A fresh value for each reply. */
export function nonceOf(response: ServerResponse): string {
  const nonce = nonces.get(response) ?? randomBytes(16).toString('base64')
  nonces.set(response, nonce)
  return nonce
}
