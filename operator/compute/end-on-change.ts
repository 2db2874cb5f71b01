/**
 * Shell: ends this process, also after it has become another program by `exec`, when a file that the kubelet brings is no longer as it was copied. An agent
 * that is just starting does not hear it yet, so it is told again. Two dollars in a row would be one in a pod's arguments.
 */
export const endOnChange = (file: string, copy: string): string => `self=$BASHPID
( while cmp -s "${file}" ${copy}; do sleep 5; done; while kill "$self"; do sleep 5; done ) &`
