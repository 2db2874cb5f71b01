import { optionLines } from './arguments.ts'
import { commonOptions } from './command.ts'
import type { Command } from './command.ts'
import { table } from './output.ts'

const NAME = 'kubectl teruwa'

/** What `--help` without a command says. */
export function overview(commands: readonly Command[]): string {
  return [
    `Usage: ${NAME} COMMAND [OPTION…]`,
    '',
    'Looks at an OpenStack cloud of the operator Teruwa, with nothing but a kubeconfig. Changes nothing.',
    '',
    'Commands:',
    ...table(commands.map(({ name, about }) => [`  ${name}`, about])),
    '',
    'Options of every command:',
    ...optionLines(commonOptions),
    '',
    `"${NAME} COMMAND --help" says more. Exit code 2: the command line is wrong; 1: something else is.`,
    '',
  ].join('\n')
}

/** What `--help` of a command says. */
export function helpOf(command: Command): string {
  return [...ownHelp(command), ...optionLines({ ...command.options, ...commonOptions }), ''].join('\n')
}

/** The same without the options of every command, for the document that has those once. */
export function documented(command: Command): string {
  return [...ownHelp(command), ...(Object.keys(command.options).length === 0 ? [] : [...optionLines(command.options), ''])].join('\n')
}

function ownHelp({ name, synopsis, about, details }: Command): string[] {
  return [
    `Usage: ${[NAME, name, synopsis].filter((word) => word !== '').join(' ')}`,
    '',
    `${about.charAt(0).toUpperCase()}${about.slice(1)}.`,
    ...(details === undefined ? [] : ['', details]),
    '',
  ]
}
