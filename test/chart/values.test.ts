// Values that are misspelt or impossible are refused by helm, with their name.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { templateWith } from './template.ts'

type Json = Record<string, unknown>

const image = (more: Json) => ({ image: more })
const spread = (more: Json) => ({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', ...more }] })

/** What is wrong, the values, and what helm says. */
const refused: readonly [what: string, values: Json, sentence: RegExp][] = [
  ['a misspelt value', { replicsa: 2 }, /additional properties 'replicsa' not allowed/],
  ['a misspelt part of the image', image({ repositroy: 'a' }), /at '\/image': additional properties 'repositroy' not allowed/],
  ['a misspelt amount', { resources: { limits: { memry: '1Gi' } } }, /at '\/resources\/limits': additional properties 'memry' not allowed/],
  ['a misspelt part of the ServiceAccount', { serviceAccount: { nmae: 'a' } }, /at '\/serviceAccount': additional properties 'nmae' not allowed/],
  ['no replicas', { replicas: 0 }, /at '\/replicas': minimum: got 0, want 1/],
  ['too many replicas', { replicas: 10 }, /at '\/replicas': maximum: got 10, want 9/],
  ['half a replica', { replicas: 1.5 }, /at '\/replicas': got number, want integer/],
  ['replicas as a text', { replicas: '2' }, /at '\/replicas': got string, want integer/],
  ['a repository with a tag', image({ repository: 'teruwa/operator:v1' }), /at '\/image\/repository': 'teruwa\/operator:v1' does not match pattern/],
  ['a repository in capitals', image({ repository: 'Teruwa/Operator' }), /at '\/image\/repository'/],
  ['no repository', image({ repository: '' }), /at '\/image\/repository'/],
  ['a tag with a slash', image({ tag: 'a/b' }), /at '\/image\/tag'/],
  ['a tag that is a number', image({ tag: 1.5 }), /at '\/image\/tag': got number, want string/],
  ['half a digest', image({ digest: 'sha256:abc' }), /at '\/image\/digest'/],
  ['a policy that is none', image({ pullPolicy: 'Sometimes' }), /at '\/image\/pullPolicy': value must be one of 'IfNotPresent', 'Always', 'Never'/],
  ['the name of a Secret without its field', image({ pullSecrets: ['registry'] }), /at '\/image\/pullSecrets\/0': got string, want object/],
  ['a Secret without a name', image({ pullSecrets: [{}] }), /at '\/image\/pullSecrets\/0': missing property 'name'/],
  ['a Secret with a bad name', image({ pullSecrets: [{ name: 'My_Registry' }] }), /at '\/image\/pullSecrets\/0\/name'/],
  ['a level that is none', { logLevel: 'loud' }, /at '\/logLevel': value must be one of 'debug', 'info', 'warn', 'error'/],
  ['an amount that is none', { resources: { limits: { memory: '512MB' } } }, /at '\/resources\/limits\/memory'/],
  ['an amount below zero', { resources: { requests: { cpu: -1 } } }, /at '\/resources\/requests\/cpu'/],
  ['a namespace in capitals', { watchNamespace: 'My_Namespace' }, /at '\/watchNamespace': 'My_Namespace' does not match pattern/],
  ['a choice that is none', { clusterRole: 'no' }, /at '\/clusterRole': got string, want boolean/],
  ['another one', { confirmDeletion: 'yes' }, /at '\/confirmDeletion': got string, want boolean/],
  ['a third one', { aggregateRoles: 0 }, /at '\/aggregateRoles': got number, want boolean/],
  ['a bad name of the ServiceAccount', { serviceAccount: { name: 'My Account' } }, /at '\/serviceAccount\/name'/],
  ['an annotation that is no text', { serviceAccount: { annotations: { a: 1 } } }, /at '\/serviceAccount\/annotations\/a': got number, want string/],
  ['a long name', { fullnameOverride: 'a'.repeat(53) }, /at '\/fullnameOverride': maxLength: got 53, want 52/],
  ['a label that selects the pods', { podLabels: { 'app.kubernetes.io/name': 'other' } }, /podLabels: app\.kubernetes\.io\/name is the chart's own/],
  [
    'a label of all objects that selects the pods',
    { commonLabels: { 'app.kubernetes.io/instance': 'other' } },
    /commonLabels: app\.kubernetes\.io\/instance is the chart's own/,
  ],
  ['a label with a space', { podLabels: { team: 'my team' } }, /at '\/podLabels\/team': 'my team' does not match pattern/],
  ['a key of an annotation with a space', { podAnnotations: { 'my team': 'a' } }, /at '\/podAnnotations': additional properties 'my team' not allowed/],
  ['a label of nodes that is no text', { nodeSelector: { disk: true } }, /at '\/nodeSelector\/disk': got boolean, want string/],
  ['a misspelt toleration', { tolerations: [{ kye: 'a' }] }, /at '\/tolerations\/0': additional properties 'kye' not allowed/],
  ['an effect that is none', { tolerations: [{ effect: 'NoStart' }] }, /at '\/tolerations\/0\/effect': value must be one of/],
  ['a toleration that is no list', { tolerations: { key: 'a' } }, /at '\/tolerations': got object, want array/],
  ['a misspelt affinity', { affinity: { nodeAfinity: {} } }, /at '\/affinity': additional properties 'nodeAfinity' not allowed/],
  ['a spread without a topology', { topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }] }, /missing property 'topologyKey'/],
  ['a spread that does not know what to do', spread({ whenUnsatisfiable: 'Wait' }), /at '\/topologySpreadConstraints\/0\/whenUnsatisfiable'/],
  ['a bad PriorityClass', { priorityClassName: 'Very High' }, /at '\/priorityClassName'/],
  ['a whole cluster without a ClusterRole', { clusterRole: false }, /clusterRole: false needs watchNamespace/],
  ['a ServiceAccount that nobody makes or names', { serviceAccount: { create: false } }, /serviceAccount\.create: false needs serviceAccount\.name/],
]

describe('values that helm refuses', { concurrency: 4 }, () => {
  for (const [what, values, sentence] of refused) {
    test(what, async () => {
      await assert.rejects(templateWith(values), sentence)
    })
  }
})

/** Values that look odd and are fine. */
const taken: readonly [what: string, values: Json][] = [
  ['a registry with a port', image({ repository: 'localhost:5000/a/operator', tag: 'v1.2_3-x' })],
  ['a registry in capitals, as DNS has it', image({ repository: 'Registry.example.com/operator' })],
  ['a number for an amount', { resources: { limits: { cpu: 1, memory: 536870912 } } }],
  ['no limits', { resources: {} }],
  ['values for a part of another chart', { global: { imageRegistry: 'a' } }],
  ['a toleration of everything', { tolerations: [{ operator: 'Exists' }] }],
]

describe('values that helm takes', { concurrency: 4 }, () => {
  for (const [what, values] of taken) {
    test(what, async () => {
      const manifests = await templateWith(values)
      assert.ok(manifests.some(({ kind }) => kind === 'Deployment'))
    })
  }
})
