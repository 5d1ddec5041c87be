"""Go's text templates as Prometheus and Alertmanager fill them: tokens, a tree, and what is wrong with it."""

from __future__ import annotations

from llmmon.gotemplate.functions import of_alertmanager, of_go, of_prometheus
from llmmon.gotemplate.lexer import TemplateError
from llmmon.gotemplate.nodes import Operand, Pipeline, Template, commands, pipelines, printed, prints
from llmmon.gotemplate.parser import parse

__all__ = [
    "Operand",
    "Pipeline",
    "Template",
    "TemplateError",
    "commands",
    "of_alertmanager",
    "of_go",
    "of_prometheus",
    "parse",
    "pipelines",
    "printed",
    "prints",
]
