/**
 * Who may import whom. A folder imports only from itself and from the row it has here, so every rule can be read and tested without
 * what stands above it. Packages that bind to the outside have their places too.
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { test } from 'node:test'
import { importsIn } from './imports.ts'

const root = resolve(import.meta.dirname, '..')

const RULES = ['failures', 'acl', 'ip-rules']
const BELOW_FUNCTIONS = [
  ...RULES,
  'config',
  'audit',
  'whm',
  'tokens',
  'accounts',
  'alerts',
  'protection',
  'usage',
  'hosting',
] as const

/** The folder (or file) of `src/` on the left may import those on the right. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  failures: [],
  acl: ['failures'],
  'ip-rules': ['failures'],
  config: ['failures'],
  audit: ['failures'],
  whm: RULES,
  tokens: RULES,
  accounts: [...RULES, 'audit'],
  alerts: ['audit', 'protection', 'usage'],
  protection: [...RULES, 'audit'],
  usage: [...RULES, 'audit'],
  hosting: ['failures', 'accounts'],
  // The folders whose store interfaces it implements, and `acl` for the words of a row.
  storage: ['failures', 'acl', 'audit', 'tokens', 'accounts', 'alerts', 'protection', 'usage', 'hosting'],
  functions: BELOW_FUNCTIONS,
  reference: ['failures', 'acl', 'functions', 'whm'],
  server: [...BELOW_FUNCTIONS, 'storage', 'functions', 'reference'],
  cli: ['failures', 'config', 'functions', 'reference', 'whm'],
  main: ['cli'],
}

/** The commands that work without a running server, so they may reach into it. */
const OFFLINE_COMMANDS = ['serve', 'door', 'restore', 'doctor'].map((name) => `src/cli/${name}.ts`)

/** A package or built-in on the left is for the folders on the right alone. */
const PACKAGES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(node:sqlite|kysely|pg)(\/|$)/, ['storage']],
  [/^(fastify|@fastify\/.+|node:https|node:tls)$/, ['server']],
  [/^(node:http|node:http2)$/, ['server', 'cli']],
  [/^(commander|yaml)$/, ['cli']],
  [/^mysql2(\/|$)/, ['hosting']],
  [/^zod$/, ['config', 'whm', 'functions', 'reference']],
]

const isTest = (file: string) => file.endsWith('.test.ts')
const folderOf = (file: string) => file.split('/')[1]?.replace(/\.ts$/, '') ?? ''

/** The paths below the root that the file imports, and the packages. */
function importsOf(file: string) {
  return importsIn(readFileSync(join(root, file), 'utf8')).map(({ specifier, typesOnly }) => ({
    typesOnly,
    path: specifier.startsWith('.') ? relative(root, resolve(root, file, '..', specifier)) : undefined,
    specifier,
  }))
}

function mayImport(file: string, target: string): boolean {
  if (target.startsWith('test/')) return isTest(file)
  if (!target.startsWith('src/')) return false
  const [from, to] = [folderOf(file), folderOf(target)]
  if (from === to || MAY_IMPORT[from]?.includes(to)) return true
  return to === 'server' && OFFLINE_COMMANDS.includes(file)
}

function sources(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: root }).sort()
}

test('every folder of src has its row in the table', () => {
  const unknown = sources('src/**/*.ts').filter((file) => MAY_IMPORT[folderOf(file)] === undefined)
  assert.deepEqual(unknown, [])
})

test('a folder of src imports only itself and what its row allows', () => {
  const wrong = sources('src/**/*.ts').flatMap((file) =>
    importsOf(file)
      .filter(({ path }) => path !== undefined && !mayImport(file, path))
      .map(({ path }) => `${file} imports ${path}`),
  )
  assert.deepEqual(wrong, [])
})

test('the packages of the database, of HTTP and of the command line stay in their folders', () => {
  const wrong = sources('src/**/*.ts')
    .filter((file) => !isTest(file))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ specifier }) => PACKAGES.some(([name, at]) => name.test(specifier) && !at.includes(folderOf(file))))
        .map(({ specifier }) => `${file} imports ${specifier}`),
    )
  assert.deepEqual(wrong, [])
})

test('a file of src is imported with its ending, and no folder has a barrel', () => {
  const files = sources('src/**/*.ts')
  assert.deepEqual(
    files.filter((file) => /\/index\.ts$/.test(file)),
    [],
  )
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter(({ path }) => path !== undefined && !/\.(ts|json)$/.test(path))
      .map(({ path }) => `${file} imports ${path}`),
  )
  assert.deepEqual(wrong, [])
})

test('a program in bin starts src/main.ts or another program there, and nothing else of src', () => {
  const wrong = sources('bin/*').flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/src\/[\w./-]+/g)]
      .filter(([path]) => path !== 'src/main.ts')
      .map(([path]) => `${file} names ${path}`),
  )
  assert.deepEqual(wrong, [])
})

test('the browser program takes nothing of src but generated types', () => {
  const wrong = sources('web/**/*.{ts,tsx}')
    .filter((file) => !isTest(file))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ path }) => path !== undefined && !path.startsWith('web/'))
        .filter(({ path, typesOnly }) => !(typesOnly && path?.startsWith('src/reference/')))
        .map(({ path }) => `${file} imports ${path}`),
    )
  assert.deepEqual(wrong, [])
})

test('every form of import is read', () => {
  const source = `
import a, { b } from './1.ts'
import type { C } from './2.ts'
import {
  type D,
  e,
} from './3.ts'
import './4.ts'
export { f } from './5.ts'
export type { G } from './6.ts'
export * from './7.ts'
const h = await import('./8.ts')
`
  const read = importsIn(source)
  assert.deepEqual(
    read.map(({ specifier }) => specifier).sort(),
    [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `./${n}.ts`),
  )
  assert.deepEqual(
    read.filter(({ typesOnly }) => typesOnly).map(({ specifier }) => specifier),
    ['./2.ts', './6.ts'],
  )
})
