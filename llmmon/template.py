"""Finds and fills the templates of text formats; `{{ }}` stays as it is, for Go templates and Logstash."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jinja2

from llmmon.logstash import escape

PACKAGE = Path(__file__).parent
FOLDERS = (PACKAGE / "templates", PACKAGE.parent / "templates")  # the wheel's, the checkout's


def render(name: str, /, **values: object) -> str:
    """The text that a template makes of the values; a value that is missing is an error, never an empty string."""
    return environment().get_template(name).render(values)


@cache
def environment() -> jinja2.Environment:
    """What all templates share: `<% block %>`, `<< value >>`, `<# comment #>`, and quoting as named filters."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder for folder in FOLDERS if folder.is_dir()][:1]),
        undefined=jinja2.StrictUndefined,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the formats are not HTML; Go's templates escape at run time
    )
    made.filters.update(
        go=go,
        inside_comment=inside_comment,
        logstash=escape.quote,
        logstash_regex=escape.quote_regex,
        logstash_field=escape.field_reference,
    )
    return made


def inside_comment(text: str) -> str:
    """Text inside a comment of Go templates, which cannot end it."""
    return text.replace("*/", "* /").replace("}}", "} }")


def go(text: str) -> str:
    """A string literal of Go templates; its `{{` and `}}` cannot end an action either."""
    return json.dumps(text, ensure_ascii=False).replace("{", "\\u007b").replace("}", "\\u007d")
