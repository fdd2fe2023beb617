/**
 * Expressions that a caller sends to pick from a list. WHM takes Perl's; ours are RE2's, which need time in proportion to the text, so that
 * nobody can stop the server with a pattern. Some patterns are still dear, so a search has a budget and lets other calls in between.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises'
import { RE2JS, RE2JSException } from 're2js'
import { Failure } from '../failures.ts'
import { workedMs } from '../whm/worked-time.ts'

export type Pattern = { readonly argument: string; readonly text: string }

// Of this thread's own work, so that a busy machine refuses no search. An ordinary pattern takes 3 to 10 µs an item.
const BUDGET_MS = 50
const BUDGET_MS_PER_ITEM = 0.03
const SLICE_MS = 5

/**
 * The items whose text matches somewhere, without regard to case, in their order. Throws `argument-invalid` for a pattern that RE2 does not
 * take, or that is too dear.
 */
export async function filterByPattern<T>(
  items: readonly T[],
  textOf: (item: T) => string,
  { argument, text }: Pattern,
): Promise<readonly T[]> {
  const refuse = (problem: string, options?: ErrorOptions) =>
    new Failure('argument-invalid', { argument, value: text, problem }, options)
  const pattern = compile(text, (cause) => refuse('is not a regular expression that RE2 takes', { cause }))
  const budgetMs = BUDGET_MS + BUDGET_MS_PER_ITEM * items.length
  const found: T[] = []
  let spentMs = 0
  let sliceStart = performance.now()
  let workStart = workedMs()
  for (const item of items) {
    if (pattern.matcher(textOf(item)).find()) found.push(item)
    if (performance.now() - sliceStart < SLICE_MS) continue
    spentMs += workedMs() - workStart
    if (spentMs > budgetMs) throw refuse('takes too long to search with; make it simpler')
    await letOthersRun()
    sliceStart = performance.now()
    workStart = workedMs()
  }
  return found
}

function compile(text: string, refusal: (cause: Error) => Failure): RE2JS {
  try {
    return RE2JS.compile(text, RE2JS.CASE_INSENSITIVE)
  } catch (error) {
    throw error instanceof RE2JSException ? refusal(error) : error
  }
}
