/** What output controls do to a reply: to the lists of reads, and never to what a change tells. */

import type { Arguments } from '../whm/arguments.ts'
import { applyOutputControls, type OutputControls } from '../whm/output-controls.ts'
import { type Outcome, type UapiResult, uapiSuccess } from '../whm/reply.ts'
import { applyUapiControls, readUapiControls } from '../whm/uapi-controls.ts'
import type { WhmFunction } from './define.ts'

/** A WHM function's outcome as WHM's controls ask for it. */
export function shapeWhm(definition: WhmFunction, controls: OutputControls | undefined, outcome: Outcome): Outcome {
  if (controls === undefined || definition.effect !== 'read') return outcome
  const shaped = { ...outcome, ...applyOutputControls(controls, outcome.data) }
  if (outcome.dataOfV0 === undefined) return shaped
  return { ...shaped, dataOfV0: applyOutputControls(controls, outcome.dataOfV0).data }
}

/** Runs a UAPI function and gives its reply as UAPI's controls ask for it; controls that make no sense are refused before it runs. */
export async function shapeUapi(args: Arguments, run: () => Promise<Outcome>): Promise<UapiResult> {
  const controls = readUapiControls(args)
  const outcome = await run()
  if (controls === undefined || !Array.isArray(outcome.data)) return uapiSuccess(outcome)
  const { data, metadata } = applyUapiControls(controls, outcome.data)
  return uapiSuccess({ ...outcome, data }, metadata)
}
