// Every command, in the order of the help.

import type { Command } from '../command.ts'
import { events } from './events.ts'
import { graph } from './graph.ts'
import { logs } from './logs.ts'
import { openrc } from './openrc.ts'
import { status } from './status.ts'
import { verify } from './verify.ts'
import { version } from './version.ts'

export const commands: readonly Command[] = [status, openrc, logs, verify, events, graph, version]
