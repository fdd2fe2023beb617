/** Which domain names are taken as written. No I/O. */
import { domainToASCII } from 'node:url'
import { Failure } from '../failures.ts'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** The name in lower case and, for other scripts, in its ASCII form. Throws `argument-invalid` for what is no host name. */
export function parseDomain(text: string, argument: string): string {
  const invalid = (problem: string): Failure<'argument-invalid'> =>
    new Failure('argument-invalid', { argument, value: text, problem })
  // The URL parser behind domainToASCII drops some characters, so whatever ASCII may not hold is refused before it.
  if (/[\u0000-\u002c\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007f\s]/.test(text)) throw invalid('is not a domain name')
  const domain = domainToASCII(text.toLowerCase())
  const labels = domain.split('.')
  if (domain === '') throw invalid('is not a domain name')
  if (domain.length > 253) throw invalid('is longer than 253 characters')
  if (labels.length < 2) throw invalid('needs at least two parts, such as example.com')
  if (!labels.every((label) => LABEL.test(label)) || /^[0-9]+$/.test(labels.at(-1) ?? ''))
    throw invalid('is not a domain name')
  return domain
}
