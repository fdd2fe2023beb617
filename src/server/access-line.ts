/**
 * One line of the access log. It is made on each call, so the parts that repeat are made once: the text of the second, and all
 * between the request's id and its time for calls that are alike. Everything in it is a number, a checked name, or escaped;
 * it is ASCII.
 */
import type { Caller } from '../acl/caller.ts'
import { escapeForLine, maskSecrets } from '../whm/mask.ts'

export type AccessLineFacts = {
  readonly nowMs: number
  readonly requestId: string
  readonly tookMs: number
  readonly from: string
  readonly caller: Caller | undefined
  readonly method: string | undefined
  readonly functionName: string
  readonly status: number
  readonly bytes: number
}

/** Makes the lines of one service; each ends with a line feed. */
export function makeAccessLines(): (facts: AccessLineFacts) => string {
  let second = -1
  let secondText = ''
  let last: AccessLineFacts | undefined
  let lastText = ''
  return (facts) => {
    const thisSecond = Math.floor(facts.nowMs / 1000)
    if (thisSecond !== second) {
      second = thisSecond
      secondText = `{"time":"${new Date(thisSecond * 1000).toISOString().slice(0, -4)}`
    }
    if (last === undefined || !isAlike(last, facts)) {
      last = facts
      lastText = repeatingText(facts)
    }
    const ms = MILLISECONDS[facts.nowMs - thisSecond * 1000] ?? '000'
    const took = HUNDREDTHS[Math.round(facts.tookMs * 100)] ?? facts.tookMs.toFixed(2)
    return `${secondText}${ms}Z","id":"${facts.requestId}${lastText}${took}}\n`
  }
}

const MILLISECONDS = Array.from({ length: 1000 }, (_, ms) => String(ms).padStart(3, '0'))
const HUNDREDTHS = Array.from({ length: 2000 }, (_, hundredths) => (hundredths / 100).toFixed(2))

function isAlike(a: AccessLineFacts, b: AccessLineFacts): boolean {
  return (
    a.caller === b.caller &&
    a.functionName === b.functionName &&
    a.bytes === b.bytes &&
    a.status === b.status &&
    a.method === b.method &&
    a.from === b.from
  )
}

function repeatingText({ from, caller, method, functionName, status, bytes }: AccessLineFacts): string {
  const token = caller?.credential.kind === 'token' ? `,"token":"${caller.credential.tokenId}"` : ''
  const verb = method === 'GET' || method === 'POST' ? method : 'other'
  return `","from":"${from}","user":"${caller?.user ?? ''}"${token},"method":"${verb}","function":${safeName(functionName)},"status":${status},"bytes":${bytes},"ms":`
}

function safeName(name: string): string {
  if (/^[a-z0-9_]{1,31}$/.test(name)) return `"${name}"`
  const escaped = escapeForLine(maskSecrets(name), 100)
  return `"${escaped.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
}
