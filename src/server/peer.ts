/** The address at the other end of a connection, read once a connection. */
import type { Socket } from 'node:net'
import { type Address, formatAddress, parseAddress } from '../ip-rules/address.ts'

export type Peer = {
  /** IPv4 for a v4-mapped one. */
  readonly address: Address | undefined
  /** Canonical; empty where it could not be read. */
  readonly addressText: string
  readonly ignoredHeaders: readonly string[]
}

const peers = new WeakMap<Socket, Peer>()

export function peerAddress(socket: Socket): Peer {
  let peer = peers.get(socket)
  if (peer === undefined) {
    // A link-local peer carries its zone (`fe80::1%eth0`), which is not part of the address.
    const address = parseAddress((socket.remoteAddress ?? '').replace(/%.*$/, ''))
    peer = { address, addressText: address === undefined ? '' : formatAddress(address), ignoredHeaders: [] }
    peers.set(socket, peer)
  }
  return peer
}
