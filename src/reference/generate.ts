/** Writes `docs/reference/`; with `--check` it writes nothing and exits 1 when a committed file differs. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { API2_CATALOGUE } from '../functions/api2/catalogue.ts'
import { CATALOGUE, indexCatalogue } from '../functions/catalogue.ts'
import { indexApi2, indexUapi, UAPI_CATALOGUE } from '../functions/uapi/catalogue.ts'
import { api2Page, failuresPage, functionsPage, privilegesPage, uapiPage } from './markdown.ts'
import { openapiOf } from './openapi.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'docs/reference')

async function pages(): Promise<Readonly<Record<string, string>>> {
  indexCatalogue(CATALOGUE)
  indexUapi(UAPI_CATALOGUE)
  indexApi2(API2_CATALOGUE)
  // Our own file: the version is a text.
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string }
  return {
    'functions.md': functionsPage(CATALOGUE),
    'uapi.md': uapiPage(UAPI_CATALOGUE),
    'api2.md': api2Page(API2_CATALOGUE),
    'failures.md': failuresPage(),
    'privileges.md': privilegesPage(CATALOGUE),
    'openapi.json': `${JSON.stringify(openapiOf(CATALOGUE, UAPI_CATALOGUE, version), null, 2)}\n`,
  }
}

const made = Object.entries(await pages())
if (process.argv.includes('--check')) {
  for (const [name, text] of made) {
    const committed = await readFile(join(folder, name), 'utf8').catch(() => undefined)
    if (committed === text) continue
    process.stderr.write(`docs/reference/${name} is not what the code says: run npm run generate.\n`)
    process.exitCode = 1
  }
} else {
  await mkdir(folder, { recursive: true })
  for (const [name, text] of made) await writeFile(join(folder, name), text)
}
