// The values of charts/teruwa: the one source of values.schema.json. Strict, so that helm refuses a misspelt value.

import { z } from 'zod'

const text = () => z.record(z.string(), z.string())

const amounts = () => z.strictObject({ cpu: z.union([z.string(), z.number()]).optional(), memory: z.union([z.string(), z.number()]).optional() })

/** The values with their defaults; a test holds values.yaml to them. */
export const chartValues = z.strictObject({
  replicas: z.int().min(1).max(9).default(1).describe('Pods of the operator. One leads, the others stand by.'),
  image: z
    .strictObject({
      repository: z.string().min(1).default('teruwa/operator').describe('Image, without a tag.'),
      tag: z.string().max(128).default('').describe("Tag. Empty: the chart's appVersion."),
      pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent').describe('When nodes pull it.'),
      pullSecrets: z
        .array(z.strictObject({ name: z.string().min(1) }))
        .default([])
        .describe('Secrets for the registry.'),
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
    .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/)
    .default('')
    .describe('Namespace whose clouds are looked after; the operator has rights in no other. Empty: all namespaces.'),
  clusterRole: z
    .boolean()
    .default(true)
    .describe('With watchNamespace: whether the chart makes the ClusterRole to read nodes, which belong to no namespace. Else an administrator grants it.'),
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
          labels: text().default({}).describe('Labels by which Prometheus finds it.'),
        })
        .prefault({})
        .describe("A ServiceMonitor, of Prometheus' operator."),
      rules: z
        .strictObject({
          enabled: z.boolean().default(false).describe('Whether the chart makes it.'),
          labels: text().default({}).describe('Labels by which Prometheus finds it.'),
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
          labels: text().default({ grafana_dashboard: '1' }).describe("Labels by which Grafana's sidecar finds it."),
        })
        .prefault({})
        .describe('A dashboard for Grafana, as a ConfigMap.'),
    })
    .prefault({})
    .describe('What Prometheus and Grafana are told.'),
  serviceAccount: z
    .strictObject({
      name: z.string().max(253).default('').describe('Name. Empty: the full name of the release.'),
      annotations: text().default({}).describe('Annotations.'),
    })
    .prefault({})
    .describe('ServiceAccount of the operator.'),
  podAnnotations: text().default({}).describe('Annotations of its pods.'),
  podLabels: text().default({}).describe('Labels of its pods.'),
  nodeSelector: text().default({}).describe('Labels of the nodes that it may run on.'),
  tolerations: z.array(z.record(z.string(), z.unknown())).default([]).describe('Taints that it tolerates.'),
  affinity: z.record(z.string(), z.unknown()).default({}).describe('Affinity. Empty: pods on different nodes where possible.'),
  priorityClassName: z.string().max(253).default('').describe('PriorityClass.'),
  global: z.record(z.string(), z.unknown()).optional().describe('For a chart that has this one as a part; not used.'),
})

/** values.schema.json. */
export const valuesSchema = () => z.toJSONSchema(chartValues, { target: 'draft-07', io: 'input' })
