{{- define "m365-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "m365-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "m365-operator.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "m365-operator.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Names of cluster-wide objects hold the namespace: two installations must not share them. */}}
{{- define "m365-operator.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "m365-operator.fullname" .) -}}
{{- end -}}

{{- define "m365-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "m365-operator.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name is required where serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "m365-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "m365-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "m365-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "m365-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "m365-operator.subjects" -}}
- kind: ServiceAccount
  name: {{ include "m365-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{- define "m365-operator.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{/* Read by name when used, created once, patched when a token rotates. Never listed or deleted. */}}
{{- define "m365-operator.secretRules" -}}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create, patch]
{{- end -}}

{{/* Of a namespace that is named: credentials are watched, one by one and without their data. */}}
{{- define "m365-operator.secretWatchRules" -}}
- apiGroups: [""]
  resources: [secrets]
  verbs: [watch]
{{- end -}}
