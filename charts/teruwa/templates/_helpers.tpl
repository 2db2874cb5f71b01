{{- define "teruwa.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "teruwa.serviceAccountName" -}}
{{- default (include "teruwa.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "teruwa.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "teruwa.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- /* What every object carries. */ -}}
{{- define "teruwa.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "teruwa.labels" -}}
{{ include "teruwa.selector" . }}
{{ include "teruwa.commonLabels" . }}
{{- end -}}

{{- /* Of the pods: without what changes with each version of the chart, which would replace them for nothing. */ -}}
{{- define "teruwa.podLabels" -}}
{{ include "teruwa.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with mergeOverwrite (dict) .Values.commonLabels .Values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "teruwa.testLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: test
{{ include "teruwa.commonLabels" . }}
{{- end -}}

{{- /* What a schema cannot say: values that contradict each other. */ -}}
{{- define "teruwa.check" -}}
{{- if and (not .Values.clusterRole) (not .Values.watchNamespace) -}}
{{- fail "clusterRole: false needs watchNamespace, since an operator of all namespaces cannot do without a ClusterRole" -}}
{{- end -}}
{{- range $value := list "commonLabels" "podLabels" -}}
{{- range $key := list "name" "instance" "component" "version" "managed-by" -}}
{{- if hasKey (get $.Values $value) (printf "app.kubernetes.io/%s" $key) -}}
{{- fail (printf "%s: app.kubernetes.io/%s is the chart's own: its selectors stand on it" $value $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) -}}
{{- fail "serviceAccount.create: false needs serviceAccount.name, the one that is there already" -}}
{{- end -}}
{{- end -}}
