/**
 * Replies as bytes: the one file that knows the words of the envelopes. WHM API 1 answers `{ data, metadata }` ("WHM API 1 - Return
 * Data", documented); a call without `api.version` gets the shape that the function had in WHM API 0 (documented and observed in
 * clients); UAPI is flat. JSON is compact and numbers stay numbers, because clients search the text and compare by type.
 */
import { FAILURES } from '../failures.ts'

/**
 * How a function answered in WHM API 0: `list` puts status and statusmsg beside the data, `plain` is the data itself, `result` and
 * `passwd` are lists of one outcome, `none` means the function did not exist then and answers as in version 1. `bare` answers
 * its data without an envelope in both versions.
 */
export type V0Style = 'list' | 'plain' | 'result' | 'passwd' | 'bare' | 'none'

/** What a reply needs to know of its function. */
export type ReplyFunction = { readonly name: string; readonly v0: V0Style }

/** 0 when `api.version` is absent or 0, 1 for every other version. */
export type ApiVersion = 0 | 1

export type Chunk = {
  readonly start: number
  readonly current: number
  readonly size: number
  readonly chunks: number
  readonly records: number
}
export type FilterCounts = { readonly filtered: number }

/** What a function that succeeded gives; `reason` is `OK` unless it says otherwise, `raw` is a log for people. */
export type Outcome = {
  readonly data: unknown
  /** What WHM API 0 answered where its members had other names: the whole reply but the status of the `list` style. */
  readonly dataOfV0?: unknown
  readonly reason?: string | undefined
  readonly raw?: string | undefined
  readonly warnings?: readonly string[] | undefined
  readonly messages?: readonly string[] | undefined
  readonly chunk?: Chunk | undefined
  readonly filter?: FilterCounts | undefined
  /** Part of the work was done and stays, part could not be: the client sees a failure with this reason. */
  readonly isFailure?: true
  /** Of such a failure: the client sees the data all the same. */
  readonly keepsData?: true
}

/** How every version 1 reply begins: what follows is the data as JSON, then `successSuffix`. */
export const SUCCESS_PREFIX = '{"data":'

const suffixes = new Map<string, string>()

/** The end of the common version 1 reply (reason `OK`, nothing else). Kept per name, so pass only names of the catalogue. */
export function successSuffix(name: string): string {
  let suffix = suffixes.get(name)
  if (suffix === undefined) {
    suffix = `,"metadata":${JSON.stringify(metadata(name, 1, 'OK'))}}`
    suffixes.set(name, suffix)
  }
  return suffix
}

/** The body for a call that succeeded. */
export function successBody(version: ApiVersion, fn: ReplyFunction, outcome: Outcome): string {
  if (outcome.isFailure) return failureBody(version, fn, outcome.reason ?? '', outcome.keepsData && outcome.data)
  if (fn.v0 === 'bare') return JSON.stringify(outcome.data ?? {})
  if (version === 0 && fn.v0 !== 'none') return JSON.stringify(v0Success(fn.v0, outcome))
  const data = JSON.stringify(outcome.data ?? {})
  if (isCommon(outcome)) return SUCCESS_PREFIX + data + successSuffix(fn.name)
  return `${SUCCESS_PREFIX}${data},"metadata":${JSON.stringify(fullMetadata(fn.name, outcome))}}`
}

/** A version 1 reply as an object. */
export type WhmReply = {
  readonly data: unknown
  readonly metadata: { readonly version: 1; readonly command: string; readonly result: 0 | 1; readonly reason: string }
}

/** The reply for a call that ran, where it stands within another reply. */
export function whmSuccess(name: string, outcome: Outcome): WhmReply {
  if (outcome.isFailure)
    return { ...whmFailure(name, outcome.reason ?? ''), ...(outcome.keepsData && { data: outcome.data }) }
  return { data: outcome.data ?? {}, metadata: fullMetadata(name, outcome) }
}

/** The same for one that failed. */
export function whmFailure(name: string, reason: string): WhmReply {
  return { data: null, metadata: metadata(name, 0, reason) }
}

/**
 * The body for a call that failed, in the shape in which the function's clients look for failures. Without a function (it was not
 * reached) a version 0 client still finds `status` 0, since some take an envelope alone for success.
 */
export function failureBody(
  version: ApiVersion,
  fn: ReplyFunction | undefined,
  reason: string,
  data: unknown = null,
): string {
  const envelope = { ...whmFailure(fn?.name ?? '', reason), data }
  if (version === 1) return JSON.stringify(envelope)
  switch (fn?.v0) {
    case 'list':
    case 'plain':
    case 'bare':
      return JSON.stringify({ status: 0, statusmsg: reason, data: { result: '0', reason } })
    case 'result':
      return JSON.stringify({ result: [{ status: 0, statusmsg: reason, rawout: '', options: {} }] })
    case 'passwd':
      return JSON.stringify({ passwd: [{ status: 0, statusmsg: reason, rawout: '' }] })
    default:
      return JSON.stringify({ status: 0, statusmsg: reason, ...envelope })
  }
}

/** The body for a function that does not exist. In version 0 clients look for `Unknown App Requested` (observed). */
export function unknownFunctionBody(version: ApiVersion, name: string, reason: string): string {
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name
  if (version === 1) return JSON.stringify(whmFailure(shown, reason))
  return JSON.stringify({ error: `Unknown App Requested: ${shown}`, data: { result: '0', reason }, type: 'text' })
}

const ACCESS_DENIED = legacyError(FAILURES['access-denied'].reason())
const NO_CREDENTIALS = legacyError(FAILURES['no-credentials'].reason())

/** The same bytes for every refused credential, whatever the cause (observed in many public reports). */
export function accessDeniedBody(): string {
  return ACCESS_DENIED
}

/** For a call without any credential. WHM's own body is not documented; our choice is the shape of a refused one. */
export function noCredentialsBody(): string {
  return NO_CREDENTIALS
}

/** A UAPI reply: sent flat by `/execute/…`, wrapped by the ways from WHM and the command line. Lists are null when empty (observed). */
export type UapiResult = {
  readonly status: 0 | 1
  readonly data: unknown
  readonly errors: readonly string[] | null
  readonly messages: readonly string[] | null
  readonly warnings: readonly string[] | null
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Lists carry `metadata.transformed` (documented); `more` is what output controls add beside it. */
export function uapiSuccess(outcome: Outcome, more: Readonly<Record<string, unknown>> = {}): UapiResult {
  if (outcome.isFailure)
    return { ...uapiFailure(outcome.reason ?? ''), ...(outcome.keepsData && { data: outcome.data }) }
  return {
    status: 1,
    data: outcome.data ?? null,
    errors: null,
    messages: orNull(outcome.messages),
    warnings: orNull(outcome.warnings),
    metadata: Array.isArray(outcome.data) ? { transformed: 1, ...more } : {},
  }
}

/** `data` is there on a failure too, as null (observed). */
export function uapiFailure(reason: string): UapiResult {
  return { status: 0, data: null, errors: [reason], messages: null, warnings: null, metadata: {} }
}

function v0Success(style: Exclude<V0Style, 'bare' | 'none'>, outcome: Outcome): unknown {
  const statusmsg = outcome.reason ?? 'OK'
  const rawout = outcome.raw ?? ''
  const data = outcome.dataOfV0 ?? outcome.data ?? {}
  switch (style) {
    case 'list':
      return { status: 1, statusmsg: 'Ok', ...data }
    case 'plain':
      return data
    case 'result':
      return outcome.dataOfV0 ?? { result: [{ status: 1, statusmsg, rawout, options: data }] }
    case 'passwd':
      return { passwd: [{ status: 1, statusmsg, rawout }] }
  }
}

function isCommon(outcome: Outcome): boolean {
  return (
    (outcome.reason === undefined || outcome.reason === 'OK') &&
    outcome.raw === undefined &&
    outcome.warnings === undefined &&
    outcome.messages === undefined &&
    outcome.chunk === undefined &&
    outcome.filter === undefined
  )
}

function metadata(command: string, result: 0 | 1, reason: string) {
  return { version: 1 as const, command, result, reason }
}

/** `JSON.stringify` leaves undefined members out, which is how absent parts stay absent. */
function fullMetadata(command: string, outcome: Outcome) {
  const output = {
    raw: outcome.raw,
    warnings: orUndefined(outcome.warnings),
    messages: orUndefined(outcome.messages),
  }
  const hasOutput = Object.values(output).some((part) => part !== undefined)
  return {
    ...metadata(command, 1, outcome.reason || 'OK'),
    output: hasOutput ? output : undefined,
    chunk: outcome.chunk,
    filter: outcome.filter,
  }
}

function legacyError(reason: string): string {
  return JSON.stringify(legacyFailure('2', reason))
}

/** A failure in the words of the interfaces before UAPI (observed). */
export function legacyFailure(apiversion: string, error: string) {
  return { cpanelresult: { apiversion, error, data: { reason: error, result: '0' }, type: 'text' } }
}

const USER_INVALID = 'User parameter is invalid or was not supplied'

/** Where `cpanel` is not told an account that the caller may act on (observed). */
export function userInvalid() {
  return { data: { reason: USER_INVALID, result: '0' }, type: 'text', error: USER_INVALID }
}

/** What a function of API 2 gives, or why it failed. */
export type Api2Result = { readonly data: unknown } | { readonly error: string; readonly data: readonly unknown[] }

/** The reply of API 2: `event.result` tells success, and a failure has `error` (documented, observed). */
export function api2Reply(asked: { readonly module: string; readonly function: string }, result: Api2Result) {
  const { module, function: func } = asked
  const about = { apiversion: 2, module, func }
  if ('error' in result)
    return { cpanelresult: { ...about, event: { result: 0 }, error: result.error, data: result.data } }
  return { cpanelresult: { ...about, event: { result: 1 }, data: result.data } }
}

function orNull(list: readonly string[] | undefined): readonly string[] | null {
  return list === undefined || list.length === 0 ? null : list
}

function orUndefined(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}
