/** Picks the command: `bin/whmapi1` and `bin/uapi` name themselves as the first argument, everything else is `postern`'s. */
import { run } from './cli/command.ts'
import { processIo } from './cli/io.ts'
import { posternCommand } from './cli/postern.ts'
import { uapiCommand } from './cli/uapi.ts'
import { whmapi1Command } from './cli/whmapi1.ts'

// Whatever is made without a mode of its own is nobody else's.
process.umask(0o077)
const io = processIo()
const [first, ...rest] = process.argv.slice(2)
if (first === 'whmapi1') process.exitCode = await run(whmapi1Command(io), rest, io)
else if (first === 'uapi') process.exitCode = await run(uapiCommand(io), rest, io)
else process.exitCode = await run(posternCommand(io), process.argv.slice(2), io)
