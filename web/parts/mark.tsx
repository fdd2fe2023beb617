/** The small arched door. */
export function Mark() {
  return (
    <svg viewBox="0 0 26 30" aria-hidden="true">
      <path fill="currentColor" d="M0 30V13a13 13 0 0 1 26 0v17z" />
      <path fill="var(--sheet)" d="M6 30V14a7 7 0 0 1 14 0v16z" />
      <circle fill="currentColor" cx="16.4" cy="20.5" r="1.8" />
    </svg>
  )
}
