/** WHM mass_edit_dns_zone and UAPI DNS::mass_edit_zone: one change in two wrappings. */
import { z } from 'zod'
import { Failure } from '../../failures.ts'
import type { NewRecord } from '../../hosting/zones/edit.ts'
import type { Zone } from '../../hosting/zones/zone.ts'
import { list, optional, type SingleParam, text, type Values, wholeNumber } from '../../whm/params.ts'
import type { WriteContext } from '../context.ts'
import { changeZone, readZone } from './change-zone.ts'

const number = (min: number, max: number) =>
  z
    .union([z.int(), z.string().regex(/^[0-9]{1,10}$/)])
    .transform(Number)
    .pipe(z.int().min(min).max(max))

const added = z.object({
  dname: z.string(),
  ttl: number(0, 2 ** 31 - 1),
  record_type: z.string(),
  data: z.array(z.union([z.string(), z.number()]).transform(String)),
})
const edited = added.extend({ line_index: number(0, 2 ** 31) })

const ADDED = '`{"dname":…,"ttl":…,"record_type":…,"data":[…]}`'
const EDITED = '`{"line_index":…,"dname":…,"ttl":…,"record_type":…,"data":[…]}`'

export const massEditParams = {
  zone: text({ doc: 'The zone.', min: 1, max: 255 }),
  serial: wholeNumber({
    doc: 'The serial of the zone as it was read; with another nothing is changed.',
    max: 2 ** 32 - 1,
  }),
  add: optional(list(asJson(`A record to put at the end, as ${ADDED}.`, added), { keepsDoubles: true })),
  edit: optional(
    list(asJson(`What shall stand on a line, counted from 0, as ${EDITED}.`, edited), { keepsDoubles: true }),
  ),
  remove: optional(list(wholeNumber({ doc: 'The line, counted from 0, on which a record begins that shall go.' }))),
}

/** A JSON text of this form in each value. */
function asJson<T>(doc: string, schema: z.ZodType<T>): SingleParam<T> {
  const form = text({ doc, min: 1, max: 200_000 })
  const parse = (value: string, argument: string): T => {
    const sent = jsonIn(form.parse(value, argument))
    const read = schema.safeParse(sent)
    if (read.success) return read.data
    throw new Failure('argument-invalid', { argument, value, problem: problemOf(read.error, sent) })
  }
  // `list` reads by `parse` alone.
  return { ...form, kind: 'record in JSON', parse, read: (args, name) => parse(form.read(args, name), name) }
}

function problemOf({ issues: [issue] }: z.ZodError, sent: unknown): string {
  const [key] = issue?.path ?? []
  // Whatever has a path is an object.
  if (issue === undefined || key === undefined) return 'is not a JSON object of this form'
  if (!Object.hasOwn(sent as object, key)) return `has no “${String(key)}”`
  const why = issue.code === 'invalid_union' ? '' : `: ${issue.message}`
  return `has a “${issue.path.join('.')}” that does not fit${why}`
}

function jsonIn(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

/** Makes the changes; all or none. Gives the new serial, as a text (observed). */
export async function massEdit(
  context: WriteContext,
  zone: Zone,
  { serial, add = [], edit = [], remove = [] }: Values<typeof massEditParams>,
): Promise<{ readonly new_serial: string }> {
  if (serial !== zone.serial) throw new Failure('zone-serial-stale', { zone: zone.name })
  const next = await changeZone(context, readZone(zone), {
    add: add.map(recordOf),
    edit: edit.map((one) => ({ ...recordOf(one), line: one.line_index })),
    remove,
  })
  noteCounts(context, { add: add.length, edit: edit.length, remove: remove.length }, next)
  return { new_serial: String(next) }
}

function recordOf({ dname, ttl, record_type, data }: z.output<typeof added>): NewRecord {
  return { name: dname, ttl, type: record_type.toUpperCase(), data }
}

function noteCounts({ note }: WriteContext, counts: Readonly<Record<string, number>>, serial: number): void {
  for (const [what, count] of Object.entries(counts)) if (count > 0) note(what, count)
  note('serial', serial)
}
