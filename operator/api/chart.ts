// The values of charts/teruwa: the one source of values.schema.json. Strict, so that helm refuses a misspelt or impossible value and names it.

import { z } from 'zod'

const labelKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/
const dnsLabel = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/
const objectName = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/
const quantity = /^\d+(\.\d+)?(m|k|Ki|[MGTPE]i?)?$/

const annotations = () => z.record(z.string().max(317).regex(labelKey), z.string())
const labels = () => z.record(z.string().max(317).regex(labelKey), z.string().max(63).regex(labelValue))

const amounts = () => z.strictObject({ cpu: amount().optional(), memory: amount().optional() })
const amount = () => z.union([z.number().min(0), z.string().max(32).regex(quantity)])

const toleration = z.strictObject({
  key: z.string().max(317).optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().max(63).optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().min(0).optional(),
})

const policy = () => z.enum(['Honor', 'Ignore']).optional()

const spread = z.strictObject({
  maxSkew: z.int().min(1),
  topologyKey: z.string().min(1).max(317),
  whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']),
  minDomains: z.int().min(1).optional(),
  labelSelector: z.record(z.string(), z.unknown()).optional(),
  matchLabelKeys: z.array(z.string()).optional(),
  nodeAffinityPolicy: policy(),
  nodeTaintsPolicy: policy(),
})

const free = () => z.record(z.string(), z.unknown()).optional()

/** The values with their defaults; a test holds values.yaml to them. */
export const chartValues = z.strictObject({
  replicas: z.int().min(1).max(9).default(1).describe('Pods of the operator. One leads, the others stand by.'),
  image: z
    .strictObject({
      repository: z
        .string()
        .max(255)
        .regex(/^([A-Za-z0-9.-]+(:[0-9]+)?\/)?[a-z0-9]+([._/-]+[a-z0-9]+)*$/)
        .default('teruwa/operator')
        .describe('Image, without a tag.'),
      tag: z
        .string()
        .regex(/^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/)
        .default('')
        .describe("Tag. Empty: the chart's appVersion."),
      digest: z
        .string()
        .regex(/^(sha256:[0-9a-f]{64})?$/)
        .default('')
        .describe('Digest: `sha256:…`. Goes before the tag.'),
      pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent').describe('When nodes pull it.'),
      pullSecrets: z
        .array(z.strictObject({ name: z.string().min(1).max(253).regex(objectName) }))
        .default([])
        .describe('Secrets for the registry, in the namespace of the release: `[{name: registry}]`.'),
    })
    .prefault({})
    .describe("The operator's image."),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('What is logged.'),
  resources: z
    .strictObject({ requests: amounts().optional(), limits: amounts().optional() })
    .default({ requests: { cpu: '100m', memory: '96Mi' }, limits: { memory: '512Mi' } })
    .describe('Processor time and memory.'),
  watchNamespace: z
    .string()
    .max(63)
    .regex(dnsLabel)
    .default('')
    .describe('Namespace whose clouds are looked after; the operator has rights in no other. Empty: all namespaces.'),
  clusterRole: z
    .boolean()
    .default(true)
    .describe('With watchNamespace: whether the chart makes the ClusterRole to read nodes, which belong to no namespace. Else an administrator grants it.'),
  aggregateRoles: z
    .boolean()
    .default(true)
    .describe('Whether who may view or administer a namespace may do so with the clouds in it. With watchNamespace it takes clusterRole as well.'),
  confirmDeletion: z
    .boolean()
    .default(true)
    .describe('Whether the deletion of a cloud that has guests must be confirmed by an annotation. With watchNamespace it takes clusterRole as well.'),
  metrics: z
    .strictObject({
      serviceMonitor: z
        .strictObject({
          enabled: z.boolean().default(false).describe('Whether the chart makes it.'),
          interval: z
            .string()
            .regex(/^([1-9]\d*)(s|m)$/)
            .default('30s')
            .describe('How often the operator is asked. Example: `1m`.'),
          labels: labels().default({}).describe('Labels by which Prometheus finds it.'),
        })
        .prefault({})
        .describe("A ServiceMonitor, of Prometheus' operator."),
      rules: z
        .strictObject({
          enabled: z.boolean().default(false).describe('Whether the chart makes it.'),
          labels: labels().default({}).describe('Labels by which Prometheus finds it.'),
          runbookBase: z
            .string()
            .max(512)
            .regex(/^([^\s'"]+\/)?$/)
            .default('')
            .describe('What stands before docs/alerts.md in the links of alerts, with a slash at its end.'),
        })
        .prefault({})
        .describe("A PrometheusRule with the alerts, of Prometheus' operator."),
      dashboard: z
        .strictObject({
          enabled: z.boolean().default(false).describe('Whether the chart makes it.'),
          labels: labels().default({ grafana_dashboard: '1' }).describe("Labels by which Grafana's sidecar finds it."),
        })
        .prefault({})
        .describe('A dashboard for Grafana, as a ConfigMap.'),
    })
    .prefault({})
    .describe('What Prometheus and Grafana are told.'),
  serviceAccount: z
    .strictObject({
      create: z.boolean().default(true).describe('Whether the chart makes it. `false`: the one that `name` names is there already.'),
      name: z.string().max(253).regex(objectName).default('').describe('Name. Empty: the full name of the release.'),
      annotations: annotations().default({}).describe('Annotations.'),
    })
    .prefault({})
    .describe('ServiceAccount of the operator.'),
  fullnameOverride: z.string().max(52).regex(dnsLabel).default('').describe("Name of the chart's objects. Empty: made of the names of release and chart."),
  commonLabels: labels().default({}).describe('Labels of every object.'),
  podAnnotations: annotations().default({}).describe('Annotations of its pods.'),
  podLabels: labels().default({}).describe('Labels of its pods.'),
  nodeSelector: labels().default({}).describe('Labels of the nodes that it may run on.'),
  tolerations: z.array(toleration).default([]).describe('Taints that it tolerates.'),
  affinity: z
    .strictObject({ nodeAffinity: free(), podAffinity: free(), podAntiAffinity: free() })
    .default({})
    .describe('Affinity. Empty: pods on different nodes where possible.'),
  topologySpreadConstraints: z.array(spread).default([]).describe('How its pods spread over zones, for example. Without a `labelSelector`: its own pods.'),
  priorityClassName: z.string().max(253).regex(objectName).default('').describe('PriorityClass.'),
  global: z.record(z.string(), z.unknown()).optional().describe('For a chart that has this one as a part; not used.'),
})

/** values.schema.json. */
export const valuesSchema = () =>
  z.toJSONSchema(chartValues, {
    target: 'draft-07',
    io: 'input',
    override({ jsonSchema: schema }) {
      const { propertyNames, additionalProperties } = schema
      if (typeof propertyNames !== 'object' || propertyNames.pattern === undefined || additionalProperties === undefined) return
      // Of `propertyNames` helm does not say where it was broken.
      delete schema.propertyNames
      schema.patternProperties = { [propertyNames.pattern]: additionalProperties }
      schema.additionalProperties = false
    },
  })
