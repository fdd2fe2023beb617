/**
 * How every command ends. `name: error: what` and `name: hint: what to do` on standard error; exit 1 when it could not be done,
 * 2 when it was called wrongly. An argument's value is never repeated in a message, since it may be a secret.
 */
import { Command, CommanderError } from 'commander'
import { Problem } from '../config/problem.ts'
import { Failure } from '../failures.ts'
import { type Io, onOneLine } from './io.ts'

/** Called wrongly: exit 2. */
export class UsageProblem extends Problem {
  constructor(message: string, hint?: string) {
    super(message, hint)
    this.name = 'UsageProblem'
  }
}

/** A commander command that throws instead of ending the process, and leaves the wording of errors to `run`. */
export function newCommand(name: string, io: Io): Command {
  return new Command(name)
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: () => {},
      outputError: () => {},
    })
}

/** Runs the command and gives the exit status; whatever was thrown is on standard error by then. */
export async function run(command: Command, args: readonly string[], io: Io): Promise<number> {
  try {
    await command.parseAsync([...args], { from: 'user' })
    return io.exitCode
  } catch (error) {
    return report(command, args, error, io)
  }
}

function report(command: Command, args: readonly string[], error: unknown, io: Io): number {
  const name = command.name()
  if (error instanceof CommanderError) return reportUsage(command, args, error, io)
  const say = (kind: string, text: string): boolean => io.stderr.write(`${name}: ${kind}: ${text}\n`)
  if (error instanceof Problem || error instanceof Failure) {
    say('error', onOneLine(error.message))
    if (error instanceof Problem && error.hint !== undefined) say('hint', onOneLine(error.hint))
    return error instanceof UsageProblem ? 2 : 1
  }
  // What stops a start names its remedy; its class belongs to a folder that commands do not import.
  if (error instanceof Error && 'remedy' in error && typeof error.remedy === 'string') {
    say('error', onOneLine(error.message))
    say('hint', onOneLine(error.remedy))
    return 1
  }
  say('error', error instanceof Error ? describe(error) : 'unknown')
  return 1
}

/** What the system refused is told by its message; a bug by its stack, since nobody could find it otherwise. */
function describe(error: Error): string {
  return 'syscall' in error ? onOneLine(error.message) : (error.stack ?? error.message)
}

function reportUsage(command: Command, args: readonly string[], error: CommanderError, io: Io): number {
  if (error.exitCode === 0) return 0
  const path = namedBy(command, args)
  if (error.code === 'commander.help') {
    io.stderr.write(path.at(-1)?.helpInformation() ?? '')
    return 2
  }
  // `--password=x`: the name of the unknown option is enough.
  const message = error.message.replace(/^error: /, '').replace(/'(-[^=']*)=[^']*'/, "'$1'")
  const help = `${path.map((each) => each.name()).join(' ')} --help`
  io.stderr.write(`${command.name()}: error: ${onOneLine(message)}\n${command.name()}: hint: see ${help}\n`)
  return 2
}

/** The command, and the one of its own that the arguments begin with, and so on. */
function namedBy(command: Command, [first, ...others]: readonly string[]): readonly Command[] {
  const inner = command.commands.find((each) => each.name() === first)
  return inner === undefined ? [command] : [command, ...namedBy(inner, others)]
}
