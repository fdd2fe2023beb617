/**
 * Replies as XML: the same data as in JSON, for `/xml-api/` and `--output=xml`. A list is its name repeated; true XML has no word for null,
 * so null is an empty element. What XML cannot hold is replaced, and a key that is no name of an element stands in an attribute, so that
 * nothing a caller chose becomes markup.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises'
import Builder from 'fast-xml-builder'

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
/** Elements for keys that can be no element's name: `<entry name="…">`. */
const ENTRY = 'entry'
const ATTRIBUTE = '@_'
const TEXT = '#text'

/** Deeper than any reply; the builder stops there by itself. */
const MAX_DEPTH = 100

const builder = new Builder({
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE,
  textNodeName: TEXT,
  suppressBooleanAttributes: false,
  maxNestedTags: MAX_DEPTH,
})

/** The whole document, with the value's members below one root element. */
export function toXml(root: string, value: unknown): string {
  return DECLARATION + build(root, value)
}

/** A bare carriage return would be read back as a line feed. */
function build(name: string, value: unknown): string {
  return builder.build({ [name]: nodeOf(value) }).replaceAll('\r', '&#13;')
}

/**
 * A JSON reply as XML. WHM API 1 has the root `result`; older replies are named after their function, and `cpanelresult` is a root by
 * itself (observed). Long lists are built in slices, with other calls in between.
 */
export async function replyAsXml(functionName: string, body: string): Promise<string> {
  // Our own replies are objects.
  const reply = JSON.parse(body) as Json
  const [only, ...others] = Object.keys(reply)
  if (only === 'cpanelresult' && others.length === 0) return toXml(only, reply.cpanelresult)
  const isVersion1 = 'metadata' in reply
  const root = !isVersion1 && NAME.test(functionName) ? functionName : 'result'
  const data = isVersion1 ? reply.data : reply
  const long = isObject(data)
    ? Object.entries(data).find(([key, list]) => isLong(list) && isElementName(key))
    : undefined
  if (long === undefined) return toXml(root, reply)
  const [key, list] = long
  // A list of one stands in the list's place until the real one is built.
  const mark = crypto.randomUUID()
  const short = { ...(data as Json), [key]: mark }
  const whole = toXml(root, isVersion1 ? { ...reply, data: short } : short)
  const [before = '', after = ''] = whole.split(`<${key}>${mark}</${key}>`)
  return before + (await buildList(key, list as readonly unknown[])) + after
}

type Json = Readonly<Record<string, unknown>>

const LONG = 100
const SLICE_MS = 5

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null
const isLong = (value: unknown): boolean => Array.isArray(value) && value.length > LONG

async function buildList(key: string, list: readonly unknown[]): Promise<string> {
  const pieces: string[] = []
  let sliceStart = performance.now()
  for (const item of list) {
    pieces.push(build(key, item))
    if (performance.now() - sliceStart < SLICE_MS) continue
    await letOthersRun()
    sliceStart = performance.now()
  }
  return pieces.join('')
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/

function isElementName(key: string): boolean {
  // The builder keeps members in plain objects, where names that every object has would mean something else.
  return NAME.test(key) && !(key in Object.prototype) && !/^xml/i.test(key) && key !== ENTRY
}

type Node = string | Node[] | { [key: string]: Node }

function nodeOf(value: unknown): Node {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map((item) => (Array.isArray(item) ? { [ENTRY]: nodeOf(item) } : nodeOf(item)))
  if (typeof value !== 'object') return printable(String(value))
  const node: { [key: string]: Node } = {}
  const entries: Node[] = []
  for (const [key, member] of Object.entries(value)) {
    if (isElementName(key)) node[key] = nodeOf(member)
    else entries.push(entryOf(key, nodeOf(member)))
  }
  return entries.length === 0 ? node : { ...node, [ENTRY]: entries }
}

function entryOf(key: string, inner: Node): Node {
  const name = { [`${ATTRIBUTE}name`]: printable(key) }
  if (typeof inner === 'string') return { ...name, [TEXT]: inner }
  return Array.isArray(inner) ? { ...name, [ENTRY]: inner } : { ...name, ...inner }
}

// XML 1.0, "Char": what a document may hold at all.
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

function printable(text: string): string {
  return text.replace(NOT_XML, '\ufffd')
}
