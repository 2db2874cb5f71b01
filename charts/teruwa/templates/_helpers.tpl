{{- define "teruwa.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "teruwa.serviceAccountName" -}}
{{- default (include "teruwa.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "teruwa.image" -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}

{{- define "teruwa.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "teruwa.labels" -}}
{{ include "teruwa.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- /* What the operator may do in the namespaces of clouds. */ -}}
{{- define "teruwa.rules" -}}
- apiGroups: [openstack.teruwa.io]
  resources: [openstackclusters]
  verbs: [get, list, watch, update, patch]
- apiGroups: [openstack.teruwa.io]
  resources: [openstackclusters/status]
  verbs: [get, update, patch]
- apiGroups: [openstack.teruwa.io]
  resources: [openstackclusters/finalizers]
  verbs: [update]
- apiGroups: [openstack.teruwa.io]
  resources: [hypervisors]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [openstack.teruwa.io]
  resources: [hypervisors/status]
  verbs: [get, update, patch]
# What a cloud consists of.
- apiGroups: ['']
  resources: [secrets, configmaps, services, serviceaccounts, persistentvolumeclaims]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, update, patch, delete]
# What is looked at, to say why something is not ready.
- apiGroups: ['']
  resources: [pods]
  verbs: [get, list, watch, delete]
- apiGroups: ['']
  resources: [pods/log]
  verbs: [get]
- apiGroups: ['', events.k8s.io]
  resources: [events]
  verbs: [create, update, patch]
{{- end -}}
