/** The forms that settings take, each with the words for a value that does not fit. */
import { z } from 'zod'

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/

export const text = () => z.string({ error: 'must be text' }).min(1, 'must not be empty')
export const hostName = () => text().regex(HOST_NAME, 'is not a host name')
export const mailAddress = () => text().regex(/^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/, 'is not a mail address')
export const list = (item: z.ZodString, problem = 'must be a list') => z.array(item, { error: problem }).readonly()
export const wholeNumber = (min: number, max: number) => {
  const problem = `must be a whole number from ${min} to ${max}`
  return z.int({ error: problem }).min(min, problem).max(max, problem)
}
export const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, { error: `must be ${values.map((value) => `“${value}”`).join(' or ')}` })
