/**
 * Alerts as signed HTTP requests, by the Standard Webhooks convention (standardwebhooks.com), for which receivers find libraries: the
 * headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, the last being `v1,` and the base64 of an HMAC-SHA-256 over
 * `ID.TIMESTAMP.BODY`. Any answer of 200 to 299 means that it was taken; a redirect is never followed.
 */
import { createHmac } from 'node:crypto'
import { NotTaken, type OutboxEvent, type Sink } from '../delivery.ts'

/** A secret as it is kept in its file: `whsec_` and the base64 of 24 to 64 bytes. Undefined for anything else. */
export function parseWebhookSecret(text: string): Buffer | undefined {
  const match = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text.trim())
  const key = Buffer.from(match?.[1] ?? '', 'base64')
  return key.length >= 24 && key.length <= 64 ? key : undefined
}

/** What the receiver has to come to as well. */
export function signatureOf(key: Buffer, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** Answers that speak about this very request, however often it is sent. */
const REFUSES_THE_EVENT: ReadonlySet<number> = new Set([400, 413, 415, 422])

export function makeWebhookSink(url: string, key: Buffer, nowMs: () => number): Sink {
  return {
    name: 'webhook',
    async send(event, signal) {
      const body = bodyOf(event)
      const id = `alert-event-${event.id}`
      const timestamp = String(Math.floor(nowMs() / 1000))
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Postern',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': signatureOf(key, id, timestamp, body),
        },
        body,
        signal,
      })
      // What it says is of no interest, however much it is.
      await response.body?.cancel()
      if (response.ok) return
      const problem = `the webhook answered ${response.status}`
      throw REFUSES_THE_EVENT.has(response.status) ? new NotTaken(problem) : new Error(problem)
    },
  }
}

function bodyOf({ id, at, event }: OutboxEvent): string {
  return JSON.stringify({ type: `alert.${event.kind}`, timestamp: at.toISOString(), event: id, data: event })
}
