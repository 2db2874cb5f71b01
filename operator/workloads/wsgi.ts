/** How a WSGI application is to be run. */
export interface Wsgi {
  /** Path of the entry point in the image. */
  readonly script: string
  readonly port: number
  readonly processes: number
  /**
   * Threads of a process. 1 for applications that are monkey-patched by eventlet (Nova, Neutron, Cinder): with more, an RPC reply arrives
   * for a thread that no longer waits, and calls die after 60 s while casts work.
   */
  readonly threads: number
  /** Arguments of the application itself, as in `sys.argv`. */
  readonly argv?: string
  /** Files that uWSGI serves by itself, compressed where there is a compressed one beside: a path of URLs, and the directory in the image. */
  readonly staticFiles?: {
    readonly path: string
    readonly directory: string
    /** How long browsers may keep what matches a pattern of URLs; the first one that matches counts. */
    readonly expires: readonly { readonly pattern: string; readonly seconds: number }[]
  }
}

/** The command line of uWSGI for an API. Request logs are for failures and slow answers: probes would drown the rest. */
export function uwsgi({ script, port, processes, threads, argv, staticFiles }: Wsgi): string[] {
  return [
    'uwsgi',
    '--plugin',
    'python3',
    '--http-socket',
    `:${port}`,
    '--wsgi-file',
    script,
    '--master',
    '--processes',
    String(processes),
    '--threads',
    String(threads),
    '--lazy-apps',
    '--need-app',
    '--enable-threads',
    '--thunder-lock',
    '--buffer-size',
    '65535',
    '--rem-header',
    'Content-Length',
    // It closes each connection after its answer; a client that is not told keeps it for the next request, which then fails.
    '--add-header',
    'Connection: close',
    '--die-on-term',
    '--exit-on-reload',
    '--hook-master-start',
    'unix_signal:15 gracefully_kill_them_all',
    '--disable-logging',
    '--log-4xx',
    '--log-5xx',
    ...(staticFiles === undefined
      ? []
      : [
          '--static-map',
          `${staticFiles.path}=${staticFiles.directory}`,
          '--static-gzip-all',
          ...staticFiles.expires.flatMap(({ pattern, seconds }) => ['--static-expires-uri', `${pattern} ${seconds}`]),
        ]),
    ...(argv === undefined ? [] : ['--pyargv', argv]),
  ]
}
