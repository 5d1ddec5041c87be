"""What the compiler knows: the intermediate form between specs and artifacts, with every decision taken."""

from __future__ import annotations

from llmmon.plan.dashboards import Dashboard, Panel, Query, Row, Threshold, Variable
from llmmon.plan.fleet import Copy, Environment, Fleet, Interval, Receiver, Secret, Span, Team
from llmmon.plan.health import Handler, Health, Probe
from llmmon.plan.logs import Pipeline
from llmmon.plan.rules import Alert, ByLabel, Group, Recording, Rules, Signal, Test
from llmmon.plan.service import Facts, Metric, Process, Service, Workload
from llmmon.plan.shapes import Measure, Shape

__all__ = [
    "Alert",
    "ByLabel",
    "Copy",
    "Dashboard",
    "Environment",
    "Facts",
    "Fleet",
    "Group",
    "Handler",
    "Health",
    "Interval",
    "Measure",
    "Metric",
    "Panel",
    "Pipeline",
    "Probe",
    "Process",
    "Query",
    "Receiver",
    "Recording",
    "Row",
    "Rules",
    "Secret",
    "Service",
    "Shape",
    "Signal",
    "Span",
    "Team",
    "Test",
    "Threshold",
    "Variable",
    "Workload",
]
