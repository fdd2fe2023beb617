import assert from 'node:assert/strict'
import { PassThrough, Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import { Problem } from '../config/problem.ts'
import { askPassword, typeInto } from './ask-password.ts'
import type { Io } from './io.ts'

class Heard extends Writable {
  text = ''
  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.text += piece.toString()
    done()
  }
}

const io = (stdin: Io['stdin'], stderr = new Heard()): Io => ({
  stdin,
  stdout: new Heard(),
  stderr,
  env: {},
  exitCode: 0,
})

test('without a terminal the first line of standard input is the password, letter for letter', async () => {
  for (const [input, password] of [
    ['pä ss%41\nrest\n', 'pä ss%41'],
    [' a \r\n', ' a '],
    ['no end', 'no end'],
  ] as const) {
    assert.equal(await askPassword('root', io(Readable.from([Buffer.from(input)]))), password)
  }
})

test('an empty line, no line, and a line that is not UTF-8 are refused', async () => {
  for (const input of ['\nx\n', '']) {
    await assert.rejects(askPassword('root', io(Readable.from([Buffer.from(input)]))), /no password was given/)
  }
  await assert.rejects(askPassword('root', io(Readable.from([Buffer.from([0x61, 0xff, 0x0a])]))), /not UTF-8/)
})

/** Types each answer as its prompt appears, as a person would. */
async function atTerminal(answers: readonly string[]): Promise<{ password: string; shown: string; modes: boolean[] }> {
  const modes: boolean[] = []
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (mode: boolean) => modes.push(mode) })
  const left = [...answers]
  const stderr = new Heard()
  const write = stderr._write.bind(stderr)
  stderr._write = (piece, encoding, done) => {
    if (piece.toString().endsWith(': ')) setImmediate(() => stdin.write(left.shift() ?? '\x04'))
    write(piece, encoding, done)
  }
  const password = await askPassword('root', io(stdin, stderr))
  return { password, shown: stderr.text, modes }
}

test('at a terminal the password is asked twice, without echo', async () => {
  const { password, shown, modes } = await atTerminal(['geheim\r', 'geheim\r'])
  assert.equal(password, 'geheim')
  assert.equal(shown, 'New password for root: \nAgain: \n')
  assert.deepEqual(modes, [true, false, true, false])
})

test('two answers that differ, and breaking off, change nothing', async () => {
  await assert.rejects(atTerminal(['one\r', 'two\r']), /differ; nothing was changed/)
  await assert.rejects(atTerminal(['one\x03']), (error) => error instanceof Problem && /broken off/.test(error.message))
})

test('backspace takes a whole character, Ctrl-U all of them, and arrow keys leave nothing', () => {
  assert.deepEqual(typeInto('a', 'b😀\x7f\x1b[A\x1b[3~c'), { typed: 'abc', end: undefined })
  assert.deepEqual(typeInto('abc', '\x15x\r'), { typed: 'x', end: 'entered' })
  assert.deepEqual(typeInto('abc', '\x04'), { typed: 'abc', end: 'broken' })
})
