/**
 * What is remembered of a connection, on its socket: who is at the other end, and what was read of its last request. Clients repeat
 * themselves, so a head, a target or a credential that comes again letter for letter need not be read again. Nothing here is a
 * decision: state, expiry, address and privileges are checked on each call. A client sees the effect in its own timing only.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Address, formatAddress, parseAddress } from '../ip-rules/address.ts'
import type { Arguments } from '../whm/arguments.ts'
import type { Target } from '../whm/request-target.ts'
import type { RequestHead } from './request-head.ts'

export type Peer = {
  /** IPv4 for a v4-mapped one. */
  readonly address: Address | undefined
  /** Canonical; empty where it could not be read. */
  readonly addressText: string
  /** Names of forwarding headers that were sent by somebody who is not trusted. */
  readonly ignoredHeaders: readonly string[]
}

/** The last token presented on a connection, so that the next call need not read and hash it again. */
export type CredentialMemo = {
  readonly header: string
  readonly user: string
  readonly digests: readonly string[]
}

export type Connection = {
  readonly peer: Peer
  /** The last token that was presented here. */
  credential: CredentialMemo | undefined
  head: { readonly lines: readonly string[]; readonly read: RequestHead } | undefined
  target: { readonly url: string; readonly read: Target; readonly query: Arguments } | undefined
  /** The reply of the request that runs, or ran last. */
  running: ServerResponse | undefined
  /** The reply of the request that came last; most of the time it is the same. */
  latest: ServerResponse | undefined
  /** What `latest` was when idle connections were last looked for, and how often it has been the same and finished since. */
  seen: ServerResponse | undefined
  idleTimes: number
  /** How often it was told that its address is banned. */
  timesBanned: number
}

/** A connection that asks nothing for this long is closed. */
export const KEEP_ALIVE_SECONDS = 15

const KEY = Symbol('connection')

/** The same object for each request of a connection. */
export function connectionOf(socket: Socket & { [KEY]?: Connection }): Connection {
  let connection = socket[KEY]
  if (connection === undefined) {
    connection = {
      peer: peerOf(socket),
      credential: undefined,
      head: undefined,
      target: undefined,
      running: undefined,
      latest: undefined,
      seen: undefined,
      idleTimes: 0,
      timesBanned: 0,
    }
    socket[KEY] = connection
  }
  return connection
}

function peerOf(socket: Socket): Peer {
  // A link-local peer carries its zone (`fe80::1%eth0`), which is not part of the address.
  const address = parseAddress((socket.remoteAddress ?? '').replace(/%.*$/, ''))
  return { address, addressText: address === undefined ? '' : formatAddress(address), ignoredHeaders: [] }
}
