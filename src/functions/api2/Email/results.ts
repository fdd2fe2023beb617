/** What Email's changes answer (documented): one entry that says whether it was done, and why not. */

export function doneResult(): readonly object[] {
  return [{ reason: 'OK', result: 1 }]
}

export function failedResult(reason: string): readonly object[] {
  return [{ reason, result: 0 }]
}
