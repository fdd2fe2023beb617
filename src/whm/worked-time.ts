/** How long this thread has worked so far, in ms. Time in which others had the processor is not in it, so that budgets hold on a busy machine. */
export function workedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
