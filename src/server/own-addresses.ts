/** Which addresses are this machine's own. */
import { networkInterfaces } from 'node:os'
import { type Address, formatAddress, parseAddress } from '../ip-rules/address.ts'

const LOOK_AGAIN_MS = 60_000

/** Loopback, and what the network interfaces have now, or had within the last minute. */
export function makeOwnAddresses(nowMs: () => number): (address: Address) => boolean {
  let own = new Set<string>()
  let lookedMs = Number.NEGATIVE_INFINITY
  return (address) => {
    if (isLoopback(address)) return true
    if (nowMs() - lookedMs > LOOK_AGAIN_MS) {
      own = addressesNow()
      lookedMs = nowMs()
    }
    return own.has(formatAddress(address))
  }
}

function isLoopback({ family, bytes }: Address): boolean {
  return family === 4 ? bytes[0] === 127 : bytes.every((byte, index) => byte === (index === 15 ? 1 : 0))
}

function addressesNow(): Set<string> {
  const found = new Set<string>()
  for (const interfaces of Object.values(networkInterfaces()))
    for (const { address } of interfaces ?? []) {
      const parsed = parseAddress(address)
      if (parsed !== undefined) found.add(formatAddress(parsed))
    }
  return found
}
