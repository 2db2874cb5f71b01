import { DeclarationError } from '../../openstack/error.ts'

/** Who logs in to a backing service. */
export interface Login {
  readonly user: string
  readonly password: string
}

/** A want that a person may have to fulfil: how they find the password, which no message holds. */
export interface PasswordFrom {
  /** A command that says it. */
  readonly passwordFrom?: string
}

/** The code of an error of the network, of TLS or of a database's driver; its text where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)
}

/** The wrong authority, another host's name, or a time that is over. */
const certificateCodes = /CERT|PEM|ALTNAME|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY/
/** What comes where TLS was begun and the other side speaks something else: of TLS itself, and of the database's driver. */
const noTlsCodes = new Set(['EPROTO', 'HANDSHAKE_NO_SSL_SUPPORT'])
/** By which the database's driver hides the error of TLS, which is its text. */
const DRIVER_TLS_ERROR = 'HANDSHAKE_SSL_ERROR'

/** Throws a DeclarationError for an error that says that a server's certificate is not that of the declared authority and host, or that it has none. */
export function refuseTls(error: unknown, server: string, field: string): void {
  const code = codeOf(error)
  if (noTlsCodes.has(code))
    throw new DeclarationError('Refused', `${field}.tls: ${server} speaks no TLS at this port: name the right one, or leave tls out`, { cause: error })
  if (code !== DRIVER_TLS_ERROR && !certificateCodes.test(code)) return
  const why = code === DRIVER_TLS_ERROR && error instanceof Error ? error.message : code
  throw new DeclarationError(
    'Refused',
    `${field}.tls.caSecret: the certificate of ${server} is not accepted (${why}): it must be for this host, and the Secret must hold the certificate of its authority`,
    { cause: error },
  )
}
