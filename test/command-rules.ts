// What becomes of each command in the documents: exactly one of these lists has it.

import type { DocumentCommand } from './document-commands.ts'
import type { Answer } from './terminal.ts'

/** Typed as they are into a shell beside a whole cloud (test/e2e/documents.ts): what harms nothing and rolls no pod. */
export const onCloud: readonly RegExp[] = [
  /^kubectl (-n \S+ |--kubeconfig \S+ )?(get (?!-o yaml$)|describe )/,
  /^kubectl -n \S+ (exec (statefulset|deployment)\/|port-forward |logs (?!POD --previous))/,
  /^kubectl -n \S+ wait (?!--for=condition=Barbican)/,
  /^kubectl -n \S+ annotate .*reconcile-requested-at=/,
  /^kubectl teruwa /,
  /^openstack (--os-cloud teruwa )?(hypervisor|network|network agent|server|volume service|catalog) list\b/,
  /^openstack (--os-cloud teruwa )?(catalog show|console (log|url) show|quota show) /,
  /^openstack --os-compute-api-version 2.16 server show /,
  /^(OS_CLIENT_CONFIG_FILE=\S+ openstack|export|eval|now=|mariadb-dump|ping -c 3 FLOATING_IP|helm test teruwa)/,
]

/** Typed there as well, with names of nothing: the client understands them, and the cloud knows nobody of that name. */
export const aboutNothing: readonly RegExp[] = [
  /^openstack compute service (set|delete) /,
  /^openstack network agent delete /,
  /^openstack port set /,
  /^openstack --os-compute-api-version 2.29 server evacuate /,
  /^openstack server add (floating ip|volume) /,
]

/** Typed as they are before a real API server without nodes (test/chart/documents.test.ts). */
export const onApiServer: readonly RegExp[] = [
  /^kubectl (apply .*-f (mine|my-cloud|cloud)\.yaml|apply .*-f (crds\/|charts\/))/,
  /^kubectl (label|taint) node |^kubectl (drain|uncordon) /,
  /^kubectl create clusterrole/,
  /^kubectl -n \S+ (patch (openstackcluster|secret)|scale|set image|delete (openstackcluster|pod)) /,
  /^kubectl -n \S+ annotate .*(confirm-deletion|make-anew)=/,
  /^kubectl -n \S+ wait --for=condition=Barbican/,
  /^helm (install|upgrade) teruwa charts\/teruwa /,
]

/** Done by another test already: its file, and what must stand in it. */
export const elsewhere: readonly { readonly commands: RegExp; readonly file: string; readonly says: string }[] = [
  { commands: /^npm run up -- /, file: 'test/docs.test.ts', says: 'upOptions(line)' },
  { commands: /^npm run up$/, file: 'test/e2e/environment.ts', says: 'await embeddedCluster(' },
  { commands: /^npm run down$/, file: 'test/e2e/environment.ts', says: 'await deleteCluster(CLUSTER)' },
  { commands: /^npm run verify$/, file: 'test/e2e/environment.ts', says: 'return verify({' },
  { commands: /^npm run diff -- /, file: 'test/integration/diff.test.ts', says: 'await diff(' },
  { commands: /^npm run plugin\b/, file: 'test/e2e/plugin.ts', says: 'await bundlePlugin(' },
  { commands: /^install dist\/plugin\/kubectl-teruwa /, file: 'test/e2e/documents.ts', says: "'kubectl-teruwa': await bundlePlugin(" },
  { commands: /^npm run images -- push /, file: 'test/elsewhere/elsewhere.test.ts', says: "'images/main.ts', 'push', '--registry'" },
  { commands: /^npm run images -- list /, file: 'images/tags.test.ts', says: 'imageTags(' },
  { commands: /^npm run images -- build /, file: 'local/up/target.ts', says: 'buildImages({' },
  { commands: /^npm run generate$/, file: 'test/layers.ts', says: "'operator/api/generate.ts', '--check'" },
  { commands: /^node plugin\/documentation.ts$/, file: 'test/docs.test.ts', says: 'await pluginDocument()' },
  { commands: /^node test\/graph.ts$/, file: 'test/docs.test.ts', says: 'await architecture()' },
  { commands: /^npm test\b/, file: 'test/run.test.ts', says: 'runLayers(' },
  { commands: /^npm run test:gitops$/, file: 'test/gitops/gitops.test.ts', says: 'describe(' },
  { commands: /^npm run test:elsewhere$/, file: 'test/elsewhere/elsewhere.test.ts', says: 'describe(' },
  { commands: /^kubectl apply -f manifests\/network-policies.yaml$/, file: 'test/elsewhere/elsewhere.test.ts', says: "'manifests/network-policies.yaml'" },
  { commands: /^kubectl kustomize OVERLAY/, file: 'test/chart/packaging.test.ts', says: "'kustomize'" },
  {
    commands: /^kubectl apply --server-side (--force-conflicts )?-f manifests\/install.yaml$/,
    file: 'test/integration/deletion.test.ts',
    says: 'manifests/install.yaml',
  },
  { commands: /^kubectl apply -f manifests\/argocd\/root.yaml/, file: 'test/gitops/gitops.test.ts', says: "'manifests/argocd/root.yaml'" },
  { commands: /^kubectl -n argocd patch configmap argocd-cm/, file: 'test/gitops/gitops.test.ts', says: "'argocd/argocd-cm.yaml'" },
  { commands: /^openstack security group rule create /, file: 'test/e2e/networks.ts', says: "'rule', 'create'" },
  { commands: /^openstack server create /, file: 'local/verify/client.ts', says: "'server', 'create', '--wait'" },
  { commands: /^ip=\$\(openstack floating ip create /, file: 'test/e2e/networks.ts', says: "'floating', 'ip', 'create'" },
  { commands: /^ping (-c 3 )?\$ip$/, file: 'test/e2e/cloud.test.ts', says: 'pings(address)' },
  { commands: /^kubectl -n NAMESPACE exec POD -- chronyc /, file: 'test/e2e/chrony.test.ts', says: "'chronyc', '-h', '127.0.0.1', '-p', '10323', 'sources'" },
  { commands: /^ping -M do /, file: 'local/verify/guest.ts', says: "'-M', 'do', '-s'" },
  { commands: /^openstack --os-cloud teruwa quota set /, file: 'test/e2e/drift.ts', says: "'quota', 'set', '--instances'" },
  { commands: /^openstack volume create /, file: 'local/verify/volume-checks.ts', says: "'volume', 'create'" },
  { commands: /^for server in .* server migrate --live-migration /, file: 'local/verify/node-checks.ts', says: "'--live-migration'" },
]

/** Not run, and why. */
export const notRun: readonly { readonly commands: RegExp; readonly because: string }[] = [
  {
    commands:
      /^(kubectl (apply|wait|get -o yaml|logs --previous)|helm (upgrade|uninstall|test)|ceph auth get|openstack (server (show|migrate)|network (create|set --mtu)|image create --import))$/,
    because: 'only the name of a command, which stands whole elsewhere or is of somebody else',
  },
  { commands: /^ceph (osd|auth get-or-create) /, because: 'on a Ceph of the reader’s; the one of the tests gets its pools and its user when it starts' },
  { commands: /^kubectl -n NAMESPACE logs POD --previous$/, because: 'it needs a container that has failed' },
  { commands: /^qemu-img info FILE$/, because: 'about a file of the reader’s' },
  { commands: /^npm run demo:containers$/, because: 'takes ten minutes under emulation' },
  { commands: /^npm run bench -- /, because: 'measures for minutes, which a busy machine spoils' },
  { commands: /^npm run screenshots$/, because: 'changes pictures of the repository' },
]

/** A command on one line, without its comment. */
export const plain = (text: string): string =>
  text
    .replaceAll(/\s*\\?\n\s*/g, ' ')
    .replace(/\s+#.*$/, '')
    .trim()

/** Whether one of these is about the command. */
export const among = (patterns: readonly RegExp[], { text }: DocumentCommand): boolean => patterns.some((pattern) => pattern.test(plain(text)))

/** A command with values in the place of its placeholders, or of any other words. */
export const withValues = (text: string, values: Readonly<Record<string, string>>): string => text.replaceAll(/\w+/g, (word) => values[word] ?? word)

/** What is wrong with how a command has ended: a sentence, or nothing. Where the document shows an answer, it must be in the output, and may be a refusal. */
export function complaint({ file, line, text, answer }: DocumentCommand, { code, output }: Answer): string | undefined {
  const where = `${file}:${line}: ${plain(text)}\nended with exit code ${code} and said:\n${output}`
  if (answer !== undefined) {
    const words = (said: string) => said.replaceAll(/\s+/g, ' ').replace(/^… /, '').trim()
    return words(output).includes(words(answer)) ? undefined : `${where}\nThe document shows:\n${answer}`
  }
  // A path that leads nowhere is no error of kubectl's, but a filter may find nothing.
  if (/^kubectl .* -o (jsonpath|go-template)=[^?>]*$/.test(plain(text)) && output.trim() === '') return `${where}(nothing: is there such a field?)`
  // Nothing may be found, and what is watched has no end but Ctrl-C.
  const fine = [0, ...(/\| grep [^|]*$/.test(plain(text)) ? [1] : []), ...(isEndless(text) ? [INTERRUPTED] : [])]
  return fine.includes(code) ? undefined : where
}

/** Exit code of what `timeout` has ended. */
const INTERRUPTED = 124

/** Whether a command goes on until Ctrl-C. */
export const isEndless = (text: string): boolean => plain(text).endsWith(' --watch')
