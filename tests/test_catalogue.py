"""Catalogues: every file is whole, and says what Prometheus itself would say of such metrics."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from importlib import resources
from typing import Any, get_args

import pytest

from llmmon import catalogue
from llmmon.plan.service import MetricType, Scope

FOLDER = resources.files("llmmon") / "catalogues"
FILES = sorted((p for p in FOLDER.iterdir() if p.name.endswith(".json")), key=lambda path: path.name)
NAMES = [path.name.removesuffix(".json") for path in FILES]
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


def raw(name: str) -> Any:
    """The file as JSON."""
    return json.loads(next(path for path in FILES if path.name == f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_catalogue_says_what_it_is_of_and_where_that_was_read(name: str) -> None:
    assert {"technology", "source", "version", "metrics"} <= raw(name).keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_is_whole(name: str) -> None:
    metrics = catalogue.load(name)
    assert metrics
    for key, metric in metrics.items():
        assert NAME.match(key)
        assert metric.name == key
        assert metric.type in get_args(MetricType)
        assert metric.scope in get_args(Scope)
        assert metric.help.endswith(".")
        assert all(LABEL.match(label) for label in metric.labels)
        assert not {"le", "quantile", "__name__", "job", "instance"} & metric.labels.keys()


@pytest.mark.parametrize("name", NAMES)
def test_names_follow_the_types(name: str) -> None:
    for key, metric in catalogue.load(name).items():
        assert (metric.type == "counter") == key.endswith("_total")
        assert not key.endswith(("_bucket", "_sum", "_count"))


@pytest.mark.parametrize("name", NAMES)
def test_only_histograms_have_buckets_and_theirs_rise(name: str) -> None:
    for metric in catalogue.load(name).values():
        assert bool(metric.buckets) == (metric.type == "histogram")
        assert list(metric.buckets) == sorted(set(metric.buckets))


def test_no_metric_is_in_two_catalogues() -> None:
    every = [key for name in NAMES for key in catalogue.load(name)]
    assert len(every) == len(set(every))


def test_buckets_are_exact_and_closed_labels_are_sets() -> None:
    metrics = catalogue.load("http")
    assert Decimal("0.005") in metrics["http_request_duration_seconds"].buckets
    assert "500" in (metrics["http_requests_total"].labels["status"] or ())
    assert metrics["http_requests_total"].labels["path"] is None
