import { backingSteps } from '../backing/index.ts'
import { bootstrapSteps } from '../bootstrap/steps.ts'
import { computeSteps } from '../compute/steps.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import { servicesOf, unwantedServices } from '../services/wanted.ts'
import { serviceSteps } from '../services/steps.ts'
import { unwantedSteps } from '../services/unwanted.ts'

/** Every step of a cluster: the whole bring-up as data. */
export function stepsOf(scope: Scope): Step[] {
  return [
    ...backingSteps(scope),
    ...servicesOf(scope.spec).flatMap((service) => serviceSteps(scope, service)),
    ...unwantedServices(scope.spec).flatMap((service) => unwantedSteps(scope, service)),
    ...computeSteps(scope),
    ...bootstrapSteps(scope),
  ]
}
