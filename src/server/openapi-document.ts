/** `/openapi.json`: the catalogue that is served here, as a document for programs and for the reference in the browser. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { WhmFunction } from '../functions/define.ts'
import type { UapiIndex } from '../functions/uapi/catalogue.ts'
import { openapiOf } from '../reference/openapi.ts'

const PACKAGE = resolve(import.meta.dirname, '../../package.json')

/** Made when it is first asked for: most servers run for months without anybody who reads it. */
export function makeOpenapiDocument(catalogue: readonly WhmFunction[], uapi: UapiIndex): () => string {
  let document: string | undefined
  return () => {
    document ??= JSON.stringify(openapiOf(catalogue, [...uapi.byName.values()], packageVersion()))
    return document
  }
}

function packageVersion(): string {
  // Our own file: the version is a text.
  return (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { readonly version: string }).version
}
