"""Catalogues: every file is whole, says where it was read, and names nothing that Prometheus would not take."""

from __future__ import annotations

import itertools
import json
import re
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from catalogue_schema import FILE

from llmmon import catalogue
from llmmon.catalogue import version as versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.catalogue import Form

NAMES = catalogue.names()
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
PARTS = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
CHECK = jsonschema.Draft202012Validator(FILE)
EVERY = [pytest.param(name, id=name) for name in NAMES]


def raw(name: str) -> Any:
    """The file as JSON."""
    folder = resources.files("llmmon") / "catalogues"
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def forms(name: str) -> Iterator[tuple[str, Form]]:
    """Every form of every metric."""
    for key, several in catalogue.read(name).forms.items():
        for form in several:
            yield key, form


@pytest.mark.parametrize("name", EVERY)
def test_a_file_has_the_known_keys_and_no_others(name: str) -> None:
    assert [error.json_path for error in CHECK.iter_errors(raw(name))] == []


def test_a_key_that_no_reader_knows_is_seen() -> None:
    data = {"technology": "x", "metrics": {"x": {"type": "gauge", "help": "X.", "sinse": "1"}}}
    assert [error.json_path for error in CHECK.iter_errors(data)] == ["$.metrics.x"]


@pytest.mark.parametrize("name", EVERY)
def test_a_catalogue_says_where_it_was_read(name: str) -> None:
    read = catalogue.read(name)
    assert read.technology
    assert read.sources
    assert all(source.repository and source.version for source in read.sources)
    assert ("versions" in raw(name)) == (read.first is not None)


@pytest.mark.parametrize("name", EVERY)
def test_metrics_and_labels_have_names_that_prometheus_takes(name: str) -> None:
    for key, form in forms(name):
        assert NAME.match(key)
        assert form.metric.name == key
        assert all(LABEL.match(label) for label in form.metric.labels), key
        assert not {"le", "quantile", "__name__", "job", "instance"} & form.metric.labels.keys(), key


@pytest.mark.parametrize("name", EVERY)
def test_only_histograms_have_buckets_and_theirs_rise(name: str) -> None:
    for key, form in forms(name):
        assert bool(form.metric.buckets) == (form.metric.type == "histogram"), key
        assert list(form.metric.buckets) == sorted(set(form.metric.buckets)), key


@pytest.mark.parametrize("name", EVERY)
def test_no_metric_is_a_part_of_another(name: str) -> None:
    known = catalogue.read(name).forms
    for key, form in forms(name):
        assert not {key + part for part in PARTS.get(form.metric.type, ())} & known.keys(), key


@pytest.mark.parametrize("name", EVERY)
def test_a_name_that_hides_the_type_is_a_trap_that_is_told(name: str) -> None:
    read = catalogue.read(name)
    convention = sum(key.endswith("_total") for key, form in forms(name) if form.metric.type == "counter")
    for key, form in forms(name):
        if form.metric.type != "counter" and key.endswith("_total"):
            assert any("_total" in trap for trap in form.traps), key
        if form.metric.type == "counter" and not key.endswith("_total") and convention:
            assert any("_total" in trap for trap in form.traps), f"{read.name}: {key}"


@pytest.mark.parametrize("name", EVERY)
def test_versions_are_in_order_and_the_forms_of_a_metric_do_not_overlap(name: str) -> None:
    for key, several in catalogue.read(name).forms.items():
        for form in several:
            said = [v for v in (form.since, form.deprecated, form.removed) if v is not None]
            assert said == sorted(said), key
            assert not (form.since and form.since == form.removed), key
        for one, two in itertools.pairwise(several):
            assert one.removed is not None, key
            assert two.since is not None, key
            assert one.removed <= two.since, key


@pytest.mark.parametrize("name", EVERY)
def test_what_replaced_a_metric_exists_where_it_is_gone(name: str) -> None:
    read = catalogue.read(name)
    for key, form in forms(name):
        if form.replaced_by:
            words = [word for word in re.split(r" over | and |, ", form.replaced_by) if word]
            assert all(NAME.match(word) for word in words), (key, words)
            there = read.at(form.removed or form.deprecated)
            assert set(words) <= there.keys(), (key, words)


@pytest.mark.parametrize("name", [name for name in NAMES if "versions" in raw(name)])
def test_every_form_exists_in_some_version_that_is_known(name: str) -> None:
    read = catalogue.read(name)
    assert read.first is not None
    assert read.last is not None
    assert read.first < read.last
    for key, form in forms(name):
        assert not (form.since and versions.newer(form.since, read.last)), key
        assert not (form.removed and form.removed < read.first), key


def test_a_metric_of_several_catalogues_has_one_type() -> None:
    types: dict[str, set[str]] = {}
    for name in NAMES:
        for key, form in forms(name):
            types.setdefault(key, set()).add(form.metric.type)
    assert {key: found for key, found in types.items() if len(found) > 1} == {}


def test_buckets_are_exact_and_closed_labels_are_sets() -> None:
    metrics = catalogue.load("http")
    assert Decimal("0.005") in metrics["http_request_duration_seconds"].buckets
    assert "500" in (metrics["http_requests_total"].labels["status"] or ())
    assert metrics["http_requests_total"].labels["path"] is None


def test_shared_labels_and_buckets_are_written_out() -> None:
    metrics = catalogue.load("vllm")
    waiting = metrics["vllm:num_requests_waiting_by_reason"]
    assert waiting.labels == {"model_name": None, "engine": None, "reason": frozenset({"capacity", "deferred"})}
    assert metrics["vllm:e2e_request_latency_seconds"].buckets[:2] == (Decimal("0.3"), Decimal("0.5"))


def test_who_knows_a_metric() -> None:
    assert catalogue.naming("vllm:kv_cache_usage_perc") == ("vllm",)
    assert catalogue.naming("vllm:gpu_cache_usage_perc") == ("vllm",)
    assert catalogue.naming("technology") == ()
