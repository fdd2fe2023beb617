import { useEffect, useRef, useState } from 'react'
import { setQuery, useQueryText } from '../router.tsx'

const ADDRESS_AFTER_MS = 300

/**
 * What is searched for in a list. It is in the address as well, so that a view can be shared; not at each key, which browsers would
 * refuse. Where the address changes by itself, by a link or the Back button, the text follows.
 */
export function useSearchText(): readonly [text: string, setText: (text: string) => void] {
  const inAddress = new URLSearchParams(useQueryText()).get('q') ?? ''
  const [text, setText] = useState(inAddress)
  const known = useRef(inAddress)
  useEffect(() => {
    if (inAddress === known.current) return
    known.current = inAddress
    setText(inAddress)
  }, [inAddress])
  useEffect(() => {
    if (text === known.current) return
    const timer = setTimeout(() => {
      known.current = text
      setQuery({ q: text })
    }, ADDRESS_AFTER_MS)
    return () => clearTimeout(timer)
  }, [text])
  return [text, setText]
}
