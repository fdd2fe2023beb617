/** The check of a large database's indexes, which is too slow to wait for: it goes on in a thread beside the first calls. */
import { Worker } from 'node:worker_threads'

/** Starts the check; `report` hears of a problem, if there is one. The returned function ends it and waits until the file is closed. */
export function checkIndexes(
  path: string,
  report: (problem: { readonly found: string } | { readonly notChecked: Error }) => void,
): () => Promise<void> {
  const worker = new Worker(new URL('./integrity-worker.ts', import.meta.url), { workerData: path })
  worker.unref()
  worker.on('message', ({ problem }: { readonly problem: string | undefined }) => {
    if (problem !== undefined) report({ found: problem })
  })
  worker.on('error', (error) => report({ notChecked: error instanceof Error ? error : new Error(String(error)) }))
  return async () => {
    await worker.terminate()
  }
}
