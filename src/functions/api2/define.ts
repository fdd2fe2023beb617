/** How a function of API 2 is described: as one of UAPI. Its clients look into `data` for what failed, so that it says what stands there. */
import type { Params } from '../../whm/params.ts'
import { defineUapiRead, defineUapiWrite, type UapiFunction } from '../uapi/define.ts'

type ReadDefinition<P extends Params> = Parameters<typeof defineUapiRead<P>>[0]
type WriteDefinition<P extends Params, Prepared> = Parameters<typeof defineUapiWrite<P, Prepared>>[0]

export type Api2Function = UapiFunction & {
  /** What `data` holds when the function failed; `[]` without it. */
  readonly failedData?: (reason: string) => readonly unknown[]
}

/** Checks the definition's types; gives it back named `Module::function` and frozen. */
export function defineApi2Read<const P extends Params>(definition: ReadDefinition<P>): Api2Function {
  return defineUapiRead(definition)
}

/** As `defineApi2Read`, for functions that change something. */
export function defineApi2Write<const P extends Params, Prepared = undefined>(
  definition: WriteDefinition<P, Prepared> & Pick<Api2Function, 'failedData'>,
): Api2Function {
  return defineUapiWrite(definition)
}
