/** Asks for a new password: twice and without echo at a terminal, otherwise one line of standard input. Never an argument. */
import { Problem } from '../config/problem.ts'
import { type Io, print } from './io.ts'
import { readLine } from './standard-input.ts'

/** Throws a Problem if nothing was given, the two differ, or it was broken off. Whether it is good enough is the server's to say. */
export async function askPassword(user: string, io: Io): Promise<string> {
  const password = io.stdin.isTTY === true ? await askTwice(user, io) : await readLine(io.stdin)
  if (password === '') throw new Problem('no password was given', 'type it, or send it as one line on standard input')
  return password
}

async function askTwice(user: string, io: Io): Promise<string> {
  const first = await askHidden(`New password for ${user}: `, io)
  if (first === '') return first
  const second = await askHidden('Again: ', io)
  if (first !== second) throw new Problem('the two passwords differ; nothing was changed')
  return first
}

async function askHidden(prompt: string, io: Io): Promise<string> {
  io.stdin.setRawMode?.(true)
  try {
    await print(io.stderr, prompt)
    return await typedLine(io)
  } finally {
    io.stdin.setRawMode?.(false)
    io.stdin.pause()
    await print(io.stderr, '\n')
  }
}

function typedLine(io: Io): Promise<string> {
  return new Promise((done, fail) => {
    let typed = ''
    const stop = (): void => {
      io.stdin.off('data', take).off('end', broken)
    }
    const broken = (): void => {
      stop()
      fail(new Problem('broken off; nothing was changed'))
    }
    const take = (piece: Buffer | string): void => {
      const state = typeInto(typed, piece.toString())
      typed = state.typed
      if (state.end === 'broken') broken()
      if (state.end !== 'entered') return
      stop()
      done(typed)
    }
    io.stdin.setEncoding('utf8')
    io.stdin.on('data', take).on('end', broken)
    io.stdin.resume()
  })
}

/** What a terminal in raw mode leaves to us: Enter, Backspace, Ctrl-U, Ctrl-C, Ctrl-D; arrow and function keys are ignored. */
export function typeInto(before: string, keys: string): { typed: string; end: 'entered' | 'broken' | undefined } {
  let typed = before
  for (const key of keys.replace(/\x1b(\[[0-9;]*[A-Za-z~]|O[A-Z])?/g, '')) {
    if (key === '\r' || key === '\n') return { typed, end: 'entered' }
    if (key === '\x03' || key === '\x04') return { typed, end: 'broken' }
    if (key === '\x7f' || key === '\b') typed = [...typed].slice(0, -1).join('')
    else if (key === '\x15') typed = ''
    else if (key >= ' ') typed += key
  }
  return { typed, end: undefined }
}
