/** Text of strangers in mails and log lines: one line, visible, and no longer than it must be. */

/** Control characters, line ends and direction marks as `\uXXXX`, so that nothing can pretend to be another line or another name. */
export function visible(text: string, max: number): string {
  const whole = text.toWellFormed()
  const cut = whole.length > max ? `${whole.slice(0, max).toWellFormed()}…` : whole
  return cut.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
