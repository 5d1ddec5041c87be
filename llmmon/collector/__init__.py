"""Judges configurations of OpenTelemetry Collector, and of Jaeger 2 which is one, without running it."""
