/** Where a node has the built programs: a read-only mount of the host's cache. */
export const PROGRAMS_FOLDER = '/opt/teruwa/bin'

/** Where a node keeps persistent volumes; a Docker volume is mounted there. */
export const LOCAL_PATH_FOLDER = '/var/lib/local-path'

/** The image of pods whose program is the node's: it holds nothing but `/pause`, and names a user that is not root. */
export const EMPTY_IMAGE = 'teruwa/pause:3.10'

/** The image of local-path-provisioner's helper pods. */
export const SHELL_IMAGE = 'teruwa/busybox:1.35.0'

/** Where the operator is. */
export const OPERATOR_NAMESPACE = 'teruwa-system'
