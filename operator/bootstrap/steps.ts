import { sshKeyPair } from '../config/ssh-key.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import { secret } from '../workloads/secret.ts'
import { adminSecret, userSecret } from './clouds.ts'
import { imageStep } from './images.ts'
import { identityWant, keyPairWants, networksWant, quotaServices, quotaWants, securityGroupWants, serverWants } from './wants.ts'

/** What the CR declares besides the services: people, images, flavors, networks, servers. */
export function bootstrapSteps(scope: Scope): Step[] {
  const { identity, bootstrap } = scope.spec
  return [
    {
      id: 'identity/declared',
      needs: ['keystone/api'],
      outside: () => ({ kind: 'identity', want: identityWant(scope) }),
      objects: () => [adminSecret(scope), ...identity.users.map((user) => userSecret(scope, user))],
    },
    {
      id: 'bootstrap/quotas',
      needs: [...quotaServices(scope).flatMap((service) => [`${service}/api`, `${service}/identity`]), 'identity/declared'],
      outside: () => ({ kind: 'quotas', want: quotaWants(scope) }),
    },
    { id: 'bootstrap/flavors', needs: ['nova/api', 'nova/identity'], outside: () => ({ kind: 'flavors', want: bootstrap.flavors }) },
    imageStep(scope),
    // A network or router that is made before an agent is alive is scheduled only later.
    { id: 'bootstrap/networks', needs: ['neutron/agents', 'identity/declared'], outside: () => ({ kind: 'networks', want: networksWant(scope) }) },
    {
      id: 'bootstrap/security-groups',
      needs: ['neutron/api', 'neutron/identity', 'identity/declared'],
      outside: () => ({ kind: 'security-groups', want: securityGroupWants(scope) }),
    },
    {
      id: 'bootstrap/key-pairs',
      needs: ['nova/api', 'nova/identity', 'identity/declared'],
      outside: () => ({ kind: 'key-pairs', want: keyPairWants(scope) }),
      objects: () =>
        bootstrap.keyPairs
          .filter(({ publicKey }) => publicKey === undefined)
          .map(({ name }) => {
            const pair = sshKeyPair(scope.credential(`keypair.${name}`), name)
            return secret(scope, `${scope.name}-keypair-${name}`, 'nova', { 'ssh-privatekey': pair.privateKey, 'ssh-publickey': `${pair.publicKey}\n` })
          }),
    },
    {
      id: 'bootstrap/servers',
      needs: [
        'bootstrap/quotas',
        'bootstrap/flavors',
        'bootstrap/images',
        'bootstrap/networks',
        'bootstrap/security-groups',
        'bootstrap/key-pairs',
        'compute/services',
        'nova/scheduler',
        ...(scope.spec.services.nova.metadata.enabled ? ['nova/metadata'] : []),
      ],
      outside: () => ({ kind: 'servers', want: serverWants(scope) }),
    },
  ]
}
