/**
 * The address a call comes from. The socket's own, unless the peer is a trusted proxy: then the rightmost entry of
 * `X-Forwarded-For` that is not itself a trusted proxy, since everything left of it could have been written by the client. What
 * cannot be read is no address, and matches no rule. Headers from anybody else are ignored and noted.
 */
import type { Socket } from 'node:net'
import { type Address, formatAddress, parseAddress } from '../ip-rules/address.ts'
import { connectionOf, type Peer } from './connection.ts'
import type { RequestHead } from './request-head.ts'

export type ClientAddress = {
  /** Undefined: it could not be read, so the call is refused. */
  readonly address: Address | undefined
  /** Names of forwarding headers that were sent by somebody who is not trusted. */
  readonly ignoredHeaders: readonly string[]
}

export type AddressMatcher = (address: Address) => boolean

const HOPS_MAX = 100
const NONE: readonly string[] = []

/** Who is at the other end, or whom a trusted proxy names in its place. */
export type ClientOf = Peer

/** Where the call comes from. */
export function clientOf(
  parts: { readonly isTrustedProxy: AddressMatcher },
  socket: Socket,
  head: RequestHead,
): ClientOf {
  const peer = connectionOf(socket).peer
  if (head.forwardingHeaders.length === 0) return peer
  const { address, ignoredHeaders } = clientAddress(peer.address, head, parts.isTrustedProxy)
  return { address, addressText: address === undefined ? '' : formatAddress(address), ignoredHeaders }
}

export function clientAddress(
  peer: Address | undefined,
  forwarding: { readonly forwardedFor: string | undefined; readonly forwardingHeaders: readonly string[] },
  isTrustedProxy: AddressMatcher,
): ClientAddress {
  if (peer === undefined) return { address: undefined, ignoredHeaders: NONE }
  if (!isTrustedProxy(peer)) return { address: peer, ignoredHeaders: forwarding.forwardingHeaders }
  if (forwarding.forwardedFor === undefined) return { address: peer, ignoredHeaders: NONE }
  const hops = forwarding.forwardedFor.split(',')
  for (let index = hops.length - 1; index >= Math.max(0, hops.length - HOPS_MAX); index -= 1) {
    const hop = parseHop(hops[index] ?? '')
    if (hop === undefined) return { address: undefined, ignoredHeaders: NONE }
    if (!isTrustedProxy(hop)) return { address: hop, ignoredHeaders: NONE }
  }
  // Nothing but trusted proxies: the call began at the farthest of them.
  return { address: hops.length > HOPS_MAX ? undefined : parseHop(hops[0] ?? ''), ignoredHeaders: NONE }
}

/** An address, with or without a port, as proxies write it. */
function parseHop(text: string): Address | undefined {
  const hop = text.trim()
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop)
  if (bracketed !== null) return parseAddress(bracketed[1] ?? '')
  const withPort = /^([0-9.]+):\d{1,5}$/.exec(hop)
  return parseAddress(withPort?.[1] ?? hop)
}
