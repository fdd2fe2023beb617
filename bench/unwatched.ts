/** Postern without its metrics; `POSTERN_LEDGER_DAYS=0` beside it takes the ledger away, and with it what alerts are made from. */
import { CallFigures } from '../src/server/call-figures.ts'

CallFigures.prototype.note = () => {}
await import('../src/main.ts')
