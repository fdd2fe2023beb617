/**
 * Runs the tests and the other checks: `quick` behind `npm test`, `check` behind `npm run check` and `.ci/run`. A part that cannot
 * run here is named, never passed over in silence; with CI=true it is a failure, and so is a test that skips itself. When all is
 * well it prints a line a part; the last line is `N passed, N failed`, where a tool such as the linter counts as one.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import { buildWebIfStale } from '../src/server/web-build.ts'
import { reaches } from './imports.ts'

type Outcome = { passed: number; failed: number }

const root = resolve(import.meta.dirname, '..')
const inCi = process.env.CI === 'true'
const postgres = process.env.POSTERN_TEST_POSTGRES
const CHROMIUM = process.env.POSTERN_CHROMIUM ?? '/usr/bin/chromium'
/** Set by `.ci/run`, which has just run the quick half. */
const quickIsDone = process.env.POSTERN_TEST_QUICK_DONE === '1'

const TEST_TIMEOUT_MS = 300_000
/** A file that does not end, say for a timer it left, is stopped then and counts as failed. */
const PART_TIMEOUT_MS = 900_000
/** One file a core, and never so many at once that tests of time limits feel each other. */
const FILES_AT_ONCE = Math.min(availableParallelism(), 4)

const ALL_DATABASES = 'sqlite,postgres'

const total: Outcome = { passed: 0, failed: 0 }

function count(passed: number, failed: number): void {
  total.passed += passed
  total.failed += failed
}

function notRun(what: string, how: string): void {
  console.log(`not run: ${what} (${how})`)
  if (inCi) count(0, 1)
}

/** Runs one tool; what it says is shown only when it fails. */
function tool(name: string, command: string, ...args: readonly string[]): void {
  const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', env: { ...process.env, PATH: path } })
  const failed = result.status !== 0
  count(failed ? 0 : 1, failed ? 1 : 0)
  console.log(`${failed ? 'FAILED' : 'ok'}: ${name}`)
  if (failed) console.log(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}`)
}

const files = (pattern: string): readonly string[] => globSync(pattern, { cwd: root }).sort()
const end2end = files('test/e2e/**/*.test.ts')
/** Whole-machine tests: they take long, or need root, a full disk or Debian's programs. */
const machine = files('test/{machine,faults}/**/*.test.ts')
const quick = files('{src,test,web}/**/*.test.ts').filter((file) => !end2end.includes(file) && !machine.includes(file))

/** What a whole-machine test needs of Debian, where a machine may well lack it. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'test/machine/autossl.test.ts': ['named', 'pebble'],
  'test/machine/checked-zones.test.ts': ['named-checkzone'],
  'test/machine/name-server.test.ts': ['named', 'rndc', 'dig'],
}

function missingFor(file: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return PROGRAMS[file]?.find((program) => !folders.some((folder) => existsSync(join(folder, program))))
}

/** The files whose tests choose their databases by DATABASES. */
function onDatabases(): readonly string[] {
  const chooser = join(root, 'test/stores/databases.ts')
  return quick.filter((file) => reaches(join(root, file), chooser))
}

/** Runs test files, each in a process of its own, and prints what failed and what skipped itself. */
async function tests(name: string, names: readonly string[], databases: string): Promise<void> {
  if (names.length === 0) return
  const startedAt = performance.now()
  const outcome: Outcome = { passed: 0, failed: 0 }
  const output = new Map<string, string>()
  const failedFiles = new Set<string>()
  const withTests = new Set<string>()
  const events = run({
    files: names.map((file) => join(root, file)),
    cwd: root,
    concurrency: FILES_AT_ONCE,
    timeout: TEST_TIMEOUT_MS,
    signal: AbortSignal.timeout(PART_TIMEOUT_MS),
    env: { ...process.env, DATABASES: databases },
  })
  const keep = ({ file, message }: { file?: string | undefined; message: string }) => {
    if (file) output.set(file, (output.get(file) ?? '') + message)
  }
  events.on('test:stdout', keep)
  events.on('test:stderr', keep)
  events.on('test:fail', (event) => {
    if (event.file) failedFiles.add(event.file)
    if (isOnlyItsParts(event.details.error)) return
    console.log(`\nFAILED: ${where(event.file, event.line)} ${event.name}\n${inspect(cause(event.details.error))}\n`)
  })
  events.on('test:pass', ({ skip, todo, file, line, name: skipped }) => {
    if (file && skipped !== file) withTests.add(file)
    if (skip === undefined && todo === undefined) return
    console.log(`skipped itself: ${where(file, line)} ${skipped}`)
    if (inCi) outcome.failed += 1
  })
  events.on('test:summary', ({ file, counts }) => {
    if (file !== undefined) return
    outcome.passed += counts.passed
    outcome.failed += counts.tests - counts.passed - counts.skipped - counts.todo
  })
  for await (const _ of events);
  // The runner counts a file that ends well without a test as a test that passed.
  for (const name of names.filter((name) => !withTests.has(join(root, name)) && !failedFiles.has(join(root, name)))) {
    const isForOther = databases !== ALL_DATABASES && onDatabases().includes(name)
    console.log(`${isForOther ? 'not run' : 'FAILED'}: ${name} has no test on ${databases}`)
    outcome.passed -= 1
    outcome.failed += isForOther ? 0 : 1
  }
  if (failedFiles.size > 0 && outcome.failed === 0) outcome.failed = failedFiles.size
  for (const file of failedFiles) if (output.has(file)) console.log(`output of ${where(file)}:\n${output.get(file)}`)
  count(outcome.passed, outcome.failed)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const verdict = outcome.failed > 0 ? `FAILED (${outcome.failed})` : 'ok'
  console.log(`${verdict}: ${name}: ${outcome.passed} passed in ${names.length} files, ${seconds} s`)
}

function where(file: string | undefined, line?: number): string {
  if (file === undefined) return ''
  return line === undefined ? relative(root, file) : `${relative(root, file)}:${line}`
}

/** A suite fails because a part of it did, and the part has been printed. */
function isOnlyItsParts(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed'
}

/** The runner wraps what a test threw. */
function cause(error: Error): unknown {
  return error.cause ?? error
}

async function runQuick(): Promise<void> {
  await tests('tests on sqlite', quick, 'sqlite')
  const rest = ['format, lint, types, unused code and fresh generated files']
  if (onDatabases().length > 0) rest.push('stores on postgres')
  if (machine.length > 0) rest.push('whole-machine tests')
  if (end2end.length > 0) rest.push('browser journeys')
  for (const part of rest) console.log(`not run: ${part} (npm run check, or .ci/run, which brings what it needs)`)
}

async function runCheck(): Promise<void> {
  tool('format and lint', 'biome', 'ci', '--error-on-warnings', '--colors=off')
  tool('types', 'tsc', '--noEmit', '-p', '.')
  tool('types of the pages', 'tsc', '--noEmit', '-p', 'web')
  if (existsSync(join(root, 'src/reference/generate.ts'))) {
    tool('generated files are fresh', process.execPath, 'src/reference/generate.ts', '--check')
  }
  tool('unused code and dependencies', 'knip', '--no-progress')
  await runTestsOfCheck()
}

async function runTestsOfCheck(): Promise<void> {
  const databases = postgres ? ALL_DATABASES : 'sqlite'
  if (!postgres) notRun('stores on postgres', 'set POSTERN_TEST_POSTGRES or run .ci/run')
  if (!quickIsDone) await tests(`tests on ${databases}`, quick, databases)
  else if (postgres) await tests('tests on postgres', onDatabases(), 'postgres')
  for (const file of machine) {
    const program = missingFor(file)
    if (program !== undefined) notRun(file, `the program ${program} is missing; .ci/run installs it`)
  }
  const able = machine.filter((file) => missingFor(file) === undefined)
  await tests(`whole-machine tests on ${databases}`, able, databases)
  if (end2end.length > 0 && !existsSync(CHROMIUM))
    notRun('browser journeys', `install chromium: ${CHROMIUM} is missing`)
  else await tests('browser journeys', end2end, 'sqlite')
}

const parts: Readonly<Record<string, () => Promise<void>>> = { quick: runQuick, check: runCheck }
const part = parts[process.argv[2] ?? '']
if (!part) {
  console.error('usage: node test/run.ts quick|check')
  process.exit(2)
}
// Before anything else: a server that a test starts would build them beside it.
const web = buildWebIfStale((line) => console.log(line))
if (!(await web.done)) count(0, 1)
await part()
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0
