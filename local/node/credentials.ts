import { exec } from '../docker.ts'
import { KUBELET_SERVING, kubeadmConfig } from '../kubeadm.ts'

interface Named {
  readonly name: string
  readonly address: string
}

type Files = Record<string, { content: string; mode: string }>

/** Signs a key for a kubelet's server with the cluster's authority; prints key and certificate. Wants NAME and ADDRESS. */
const SIGN = `
cd "$(mktemp -d)"
pki=/etc/kubernetes/pki
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -subj "/O=system:nodes/CN=system:node:$NAME" -out request
printf 'subjectAltName=DNS:%s,IP:%s\\nextendedKeyUsage=serverAuth\\nkeyUsage=critical,digitalSignature\\n' "$NAME" "$ADDRESS" > extensions
openssl x509 -req -in request -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -set_serial "0x$(openssl rand -hex 16)" -days 3650 -extfile extensions -out certificate
cat key
echo '== certificate'
cat certificate
rm -rf "$PWD"
`

/** Makes what a kubelet is known by to the API server, for the node of a kubeadm configuration on stdin; prints the kubeconfig. */
const KUBECONFIG = `
folder=$(mktemp -d)
cat > "$folder/config"
kubeadm init phase kubeconfig kubelet --config "$folder/config" --kubeconfig-dir "$folder" > /dev/null
cat "$folder/kubelet.conf"
rm -rf "$folder"
`

/** The files of a kubelet's serving certificate, signed on the control plane. */
export async function servingCertificate(controlPlane: string, { name, address }: Named, signal?: AbortSignal): Promise<Files> {
  const environment = ['env', `NAME=${name}`, `ADDRESS=${address}`]
  const [key, cert] = (await exec(controlPlane, [...environment, 'sh', '-euc', SIGN], { signal })).split('== certificate\n')
  if (!key || !cert) throw new Error(`${controlPlane} printed no certificate for the kubelet of ${name}`)
  return { [KUBELET_SERVING.key]: { content: key, mode: '600' }, [KUBELET_SERVING.cert]: { content: cert, mode: '644' } }
}

/** A kubeconfig with a client certificate of a node, signed on the control plane: the Node authorizer lets it do what concerns this node alone. */
export function kubeletKubeconfig(controlPlane: Named, { name }: Named, signal?: AbortSignal): Promise<string> {
  const input = kubeadmConfig({ name, address: controlPlane.address, labels: {}, taints: [] })
  return exec(controlPlane.name, ['sh', '-euc', KUBECONFIG], { input, signal })
}
