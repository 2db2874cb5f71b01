import { isDeepStrictEqual } from 'node:util'

/** What live statuses say, as text: nearly every look at a cloud finds the same status and has the same to say. */
const said = new WeakMap<object, string>()

/** Whether a live status says all that is to be said, and nothing else. */
export function says(live: object | undefined, wanted: object): boolean {
  if (live === undefined) return false
  // As JSON has it: a field that is undefined is not there.
  const text = JSON.stringify(wanted)
  if (said.get(live) === text) return true
  const isSame = isDeepStrictEqual(JSON.parse(text), live)
  if (isSame) said.set(live, text)
  return isSame
}
