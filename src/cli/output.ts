/** How whmapi1 and uapi print a reply. What a program reads back, in any form, is the reply the server sent. */
import { Document, isScalar, visit } from 'yaml'
import { toXml } from '../whm/xml.ts'
import { UsageProblem } from './command.ts'

export const OUTPUTS = ['yaml', 'json', 'jsonpretty', 'xml'] as const
export type Output = (typeof OUTPUTS)[number]

/** Throws a UsageProblem for a form that is not served. */
export function parseOutput(text: string): Output {
  const found = OUTPUTS.find((output) => output === text)
  if (found === undefined) throw new UsageProblem('the output form is not known', `choose one of ${OUTPUTS.join(', ')}`)
  return found
}

/** Ends with a line end. */
export function formatReply(reply: unknown, output: Output): string {
  if (output === 'yaml') return formatYaml(reply)
  if (output === 'xml') return `${toXml('result', reply)}\n`
  return `${JSON.stringify(reply, undefined, output === 'json' ? 0 : 3)}\n`
}

// What ends a line or steers a terminal, or what some YAML readers take for something else than text.
const NOT_PLAIN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]|^=$/
const NOT_PRINTED = /[\u007f-\u009f\u2028\u2029\ufeff]/g

/** YAML that readers of version 1.1 and 1.2 understand alike: texts that either takes for a number, a flag or a date are quoted. */
export function formatYaml(value: unknown): string {
  const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false })
  visit(document, {
    Scalar(_key, node) {
      if (isScalar(node) && typeof node.value === 'string' && NOT_PLAIN.test(node.value)) node.type = 'QUOTE_DOUBLE'
    },
  })
  const text = document.toString({ lineWidth: 0 })
  return `---\n${text.replace(NOT_PRINTED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}`
}
