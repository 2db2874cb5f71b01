// Time is needed in kube/ as well, which imports nothing from here.
export { systemClock } from '../kube/clock.ts'
export type { Clock } from '../kube/clock.ts'
