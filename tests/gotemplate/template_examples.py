"""Templates that Go accepts."""

from __future__ import annotations

GOOD = [
    "no action } at all }}",
    "{{ $labels.x }} {{ $value | humanize }}",
    "{{ if $value }}a{{ else }}b{{ end }}",
    '{{ range $i, $x := query "up" }}{{ $i }} {{ $x | value }}{{ end }}',
    '{{ with query "up" }}{{ . | first | value | humanizePercentage }}{{ end }}',
    '{{ printf "%.2f" $value }}',
    '{{/* c */}}x{{- /* d */ -}} y {{- "a" }}',
    "{{- .Labels.foo -}} y",
    '{{ define "t" }}{{ . }}{{ end }}{{ template "t" $labels }}',
    "{{ $x := 5 }}{{ $x = 6 }}{{ $x }}",
    '{{ (query "up" | first).Labels.job }}',
    '{{ index $labels "a-b" }}',
    '{{ if and (gt $value 5.0) (lt $value 1e3) }}x{{ else if eq $labels.a "b" }}y{{ end }}',
    "{{ $externalLabels.cluster }}{{ $externalURL }}{{ externalURL }}{{ pathPrefix }}",
    "{{ humanizeDuration 0x1p4 }}{{ 0b101 }}{{ 1_000 }}{{ .5 }}{{ 2i }}{{ 0o17 }}",
    r'{{ reReplaceAll "(.*):\\d+" "$1" $labels.instance }}',
    "{{ `raw` | toUpper }}{{ 'a' }}",
    "{{ range .Labels }}{{ break }}{{ continue }}{{ end }}",
    '{{ block "b" . }}{{ . }}{{ end }}',
    '{{ args 1 2.5 "x" .Value }}',
    '{{ $labels.a.b }}{{ .Value.Foo }}{{ "a" | printf "%s" }}',
]
