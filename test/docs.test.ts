/** The documentation names only what exists: a path or command that was moved or renamed fails here. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { ALERT_KINDS } from '../src/alerts/alert.ts'

const root = resolve(import.meta.dirname, '..')
const documents = globSync(['*.md', 'docs/**/*.md', 'test/**/*.md', 'examples/**/*.md'], { cwd: root }).sort()
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts)

/** A path of this repository as running text and code name it; what holds `<`, `{`, `…` or capitals only is a pattern for the reader. */
const PATH = /(?<![\w./$~-])(?:\.\/)?((?:src|test|docs|bench|bin|examples|\.ci|web)\/[\w.*/-]*)(?![\w<{…$])/g
const NPM = /\bnpm (?:run (?:--silent |-s )?)?([a-z][\w:-]*)/g
/** Commands of npm itself that our texts use. */
const OF_NPM = ['ci', 'install', 'run', 'pack', 'version', 'outdated', 'update', 'audit']
/** Fenced blocks and code within a line; `npm` in running text is a word. */
const CODE = /```[\s\S]*?```|`[^`\n]+`/g
const LINK = /\]\(([^)\s]+)\)/g

function exists(path: string): boolean {
  return path.includes('*') ? globSync(path, { cwd: root }).length > 0 : existsSync(join(root, path))
}

const every = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')

function missing(wrongIn: (file: string, text: string) => readonly string[]): readonly string[] {
  return documents.flatMap((file) => wrongIn(file, read(file)).map((what) => `${file}: ${what}`))
}

test('every path that a document names exists', () => {
  const wrong = missing((_file, text) =>
    every(text, PATH)
      .map((path) => path.replace(/[.,]+$/, ''))
      .filter((path) => !exists(path)),
  )
  assert.deepEqual(wrong, [])
})

test('every link between documents leads somewhere', () => {
  const wrong = missing((file, text) =>
    every(text, LINK)
      .filter((target) => !/^([a-z]+:|#)/.test(target))
      .map((target) => target.replace(/#.*$/, ''))
      .filter((target) => !existsSync(join(root, dirname(file), target))),
  )
  assert.deepEqual(wrong, [])
})

test('every npm script that a document names exists', () => {
  const wrong = missing((_file, text) =>
    (text.match(CODE) ?? [])
      .flatMap((code) => every(code, NPM))
      .filter((name) => ![...scripts, ...OF_NPM].includes(name)),
  )
  assert.deepEqual(wrong, [])
})

/** The first two cells of the rows whose first cell is a name in backticks. */
const namedRows = (text: string) =>
  [...text.matchAll(/^\| `([^`|]+)` +\| ([^|]+?) +\|/gm)].map(([, name, next]) => [name, next])

test('the page of alerts has each kind with its severity', () => {
  const [, table = ''] = /\n(\| kind [\s\S]*?)\n\n/.exec(read('docs/alerts.md')) ?? []
  const kinds = Object.entries(ALERT_KINDS).filter(([kind]) => kind !== 'test')
  assert.deepEqual(
    namedRows(table),
    kinds.map(([kind, { severity }]) => [kind, severity]),
  )
})

test('every decision is one page with its status, and the numbers have no gap', () => {
  const decisions = documents.filter((file) => file.startsWith('docs/decisions/'))
  decisions.forEach((file, at) => {
    assert.match(file, new RegExp(`/${String(at + 1).padStart(4, '0')}-[a-z0-9-]+\\.md$`))
    for (const heading of ['Context', 'Decision', 'Consequences', 'Status']) {
      assert.match(read(file), new RegExp(`^## ${heading}$`, 'm'), file)
    }
  })
})

test('nothing in the repository names a place on the machine of whoever wrote it', () => {
  const files = globSync('{*.md,*.json,*.ts,.ci/*,{src,test,docs,bench,bin,examples}/**/*}', { cwd: root })
  const foreign = /(?<![\w.-])[/](?:work|farm)[/]|[.][.][/]shared[/]/
  const wrong = files.filter((file) => /\.(md|json|ts|sh|txt)$|^bin\/|^\.ci\//.test(file) && foreign.test(read(file)))
  assert.deepEqual(wrong, [])
})
