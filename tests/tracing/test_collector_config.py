"""The validator takes what the collector takes, and refuses what a real one (0.155, in Jaeger 2) was seen to refuse."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tracing_examples import config, pipeline, service

from llmmon.collector import check, connections, texts
from llmmon.problem import Level

FORWARD = {"forward": None}
LIMITED = ["memory_limiter", "batch"]
JAEGER: dict[str, Any] = {
    "receivers": {"otlp": {"protocols": {"grpc": None}}},
    "exporters": {"jaeger_storage_exporter": {"trace_storage": "spans"}},
    "extensions": {
        "jaeger_storage": {"backends": {"spans": {"memory": {"max_traces": 1}}}},
        "jaeger_query": {"storage": {"traces": "spans"}},
        "remote_sampling": {"file": {"path": "/a.json"}, "http": None},
    },
    "service": {
        "extensions": ["jaeger_storage", "jaeger_query", "remote_sampling"],
        "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["jaeger_storage_exporter"]}},
    },
}


def jaeger(**extensions: Any) -> dict[str, Any]:
    return {**JAEGER, "extensions": {**JAEGER["extensions"], **extensions}}


GOOD: dict[str, dict[str, Any]] = {
    "the smallest": config(),
    "names behind a slash": config(
        receivers={"otlp/in-1": {"protocols": {"grpc": None}}},
        service=service(traces__a=pipeline(receivers=["otlp/in-1"])),
    ),
    "no processors": config(processors=None, service=service(traces=pipeline(processors=[]))),
    "a connector between two pipelines": config(
        connectors=FORWARD,
        service=service(traces__in=pipeline(exporters=["forward"]), traces__out=pipeline(receivers=["forward"])),
    ),
    "a connector from traces to metrics": config(
        connectors={"spanmetrics": None},
        service=service(
            traces=pipeline(exporters=["debug", "spanmetrics"]), metrics=pipeline(receivers=["spanmetrics"])
        ),
    ),
    "a diamond is no circle": config(
        connectors={"forward/a": None, "forward/b": None},
        service=service(
            traces=pipeline(exporters=["forward/a", "forward/b"]),
            traces__l=pipeline(receivers=["forward/a"]),
            traces__r=pipeline(receivers=["forward/b"]),
        ),
    ),
    "references to the environment": config(
        exporters={
            "debug": {"a": "${env:A}", "b": "x-${env:B_2:-none}", "c": "${D}", "e": "$$F", "password": "${env:P}"}
        }
    ),
    "an unknown component": config(exporters={"acme": {"x": 1}}, service=service(traces=pipeline(exporters=["acme"]))),
    "jaeger": JAEGER,
}
ERRORS: dict[str, tuple[str, Any]] = {
    "an unknown receiver": (
        "unknown-reference",
        config(service=service(traces=pipeline(receivers=["otlp", "zipkin"]))),
    ),
    "an unknown processor": ("unknown-reference", config(service=service(traces=pipeline(processors=["btach"])))),
    "an unknown exporter": ("unknown-reference", config(service=service(traces=pipeline(exporters=["otlp_grpc"])))),
    "an unknown extension": (
        "unknown-reference",
        config(service={"extensions": ["pprof"], **service(traces=pipeline())}),
    ),
    "a connector as processor": (
        "unknown-reference",
        config(connectors=FORWARD, service=service(traces=pipeline(processors=["forward"]))),
    ),
    "a processor twice": ("duplicate", config(service=service(traces=pipeline(processors=["batch", "batch"])))),
    "no receiver in a pipeline": ("missing", config(service=service(traces=pipeline(receivers=[])))),
    "no exporter in a pipeline": ("missing", config(service=service(traces=pipeline(exporters=[])))),
    "no pipeline": ("missing", config(service={"pipelines": {}})),
    "no service": ("missing", {key: value for key, value in config().items() if key != "service"}),
    "no receivers": ("missing", config(receivers=None)),
    "a key at the top": ("unknown-key", config(exporter={"debug": None})),
    "a key of the service": ("unknown-key", config(service={**service(traces=pipeline()), "extension": []})),
    "a key of a pipeline": ("unknown-key", config(service=service(traces={**pipeline(), "processor": []}))),
    "a pipeline of spans": ("bad-id", config(service=service(spans=pipeline()))),
    "a type with a dash": ("bad-id", config(processors={"memory-limiter": None}, service=service(traces=pipeline()))),
    "a name with a space": ("bad-id", config(exporters={"debug": None, "debug/a b": None})),
    "an empty name": ("bad-id", config(exporters={"debug": None, "debug/": None})),
    "a connector that nothing receives": (
        "half-connected",
        config(connectors=FORWARD, service=service(traces=pipeline(exporters=["forward"]))),
    ),
    "a connector that nothing exports to": (
        "half-connected",
        config(connectors=FORWARD, service=service(traces=pipeline(receivers=["forward"]))),
    ),
    "a connector that cannot make this signal": (
        "half-connected",
        config(
            connectors={"spanmetrics": None},
            service=service(
                traces__in=pipeline(exporters=["spanmetrics"]), traces__out=pipeline(receivers=["spanmetrics"])
            ),
        ),
    ),
    "a pipeline that feeds itself": (
        "cycle",
        config(
            connectors=FORWARD,
            service=service(traces=pipeline(receivers=["otlp", "forward"], exporters=["debug", "forward"])),
        ),
    ),
    "three pipelines in a circle": (
        "cycle",
        config(
            connectors={"forward/1": None, "forward/2": None, "forward/3": None},
            service=service(
                traces=pipeline(receivers=["otlp"], exporters=["forward/1"]),
                traces__1=pipeline(receivers=["forward/1", "forward/3"], exporters=["forward/2"]),
                traces__2=pipeline(receivers=["forward/2"], exporters=["forward/3", "debug"]),
            ),
        ),
    ),
    "a connector named like an exporter": (
        "ambiguous-id",
        config(
            connectors={"debug": None},
            service=service(traces=pipeline(), traces__2=pipeline(receivers=["debug"])),
        ),
    ),
    "tail sampling of metrics": (
        "wrong-signal",
        config(
            processors={"tail_sampling": {"policies": [{"name": "a", "type": "always_sample"}]}},
            service=service(metrics=pipeline(processors=["tail_sampling"])),
        ),
    ),
    "logging, which is gone": (
        "removed",
        config(exporters={"logging": None}, service=service(traces=pipeline(exporters=["logging"]))),
    ),
    "no name of a variable": ("bad-variable", config(exporters={"debug": {"verbosity": "${env:1-A}"}})),
    "an unknown scheme": ("unknown-scheme", config(exporters={"debug": {"verbosity": "${vault:A}"}})),
    "an extension as a map": (
        "not-a-list",
        config(service={"extensions": {"pprof": None}, **service(traces=pipeline())}),
    ),
    "a list of receivers": ("not-a-map", config(receivers=["otlp"])),
    "a list": ("not-a-map", []),
    "nothing": ("not-a-map", None),
    "a store that is not there": ("jaeger-storage", jaeger(jaeger_query={"storage": {"traces": "span"}})),
    "no store": ("jaeger-storage", jaeger(jaeger_query=None)),
    "both kinds of sampling": (
        "jaeger-sampling",
        jaeger(remote_sampling={"file": {"path": "/a"}, "adaptive": {"sampling_store": "spans"}, "http": None}),
    ),
    "no kind of sampling": ("jaeger-sampling", jaeger(remote_sampling={"http": None})),
    "a backend of two kinds": (
        "jaeger-backend",
        jaeger(jaeger_storage={"backends": {"spans": {"memory": {"max_traces": 1}, "badger": {"ephemeral": True}}}}),
    ),
}
# The collector takes these; a secret in the file or a text that is not expanded hurts all the same.
STRICTER: dict[str, tuple[str, Any]] = {
    "a password": ("secret-value", config(exporters={"debug": {"auth": {"password": "hunter2"}}})),
    "a password of digits": ("secret-value", config(exporters={"debug": {"auth": {"password": 12345}}})),
    "a header with a token": ("secret-value", config(exporters={"debug": {"headers": {"Authorization": "Bearer x"}}})),
    "a password of two halves": ("secret-value", config(exporters={"debug": {"password": "a${env:B}"}})),
    "a bare variable": ("bare-variable", config(exporters={"debug": {"verbosity": "$LEVEL"}})),
}
WARNINGS: dict[str, tuple[str, Any]] = {
    "memory_limiter last": ("memory-limiter-late", config(service=service(traces=pipeline(processors=LIMITED[::-1])))),
    "batch first": ("batch-early", config(service=service(traces=pipeline(processors=["batch", "memory_limiter"])))),
    "tail sampling behind batch": (
        "batch-early",
        config(
            processors={"batch": None, "tail_sampling": None},
            service=service(traces=pipeline(processors=["batch", "tail_sampling"])),
        ),
    ),
    "sampled twice": (
        "sampled-twice",
        config(
            processors={"probabilistic_sampler": None, "tail_sampling": None},
            service=service(traces=pipeline(processors=["probabilistic_sampler", "tail_sampling"])),
        ),
    ),
    "an unused processor": ("unused", config(service=service(traces=pipeline(processors=["batch"])))),
    "an unused receiver": ("unused", config(receivers={"otlp": None, "zipkin": None})),
    "an unused extension": ("unused", config(extensions={"pprof": None})),
    "an unused connector": ("unused", config(connectors=FORWARD)),
    "the old name of an exporter": (
        "renamed",
        config(exporters={"otlp": None}, service=service(traces=pipeline(exporters=["otlp"]))),
    ),
    "an exporter twice": ("duplicate", config(service=service(traces=pipeline(exporters=["debug", "debug"])))),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_configuration_is_left_alone(name: str) -> None:
    assert list(check.problems(GOOD[name], balanced=True)) == []


@pytest.mark.parametrize("name", [*ERRORS, *STRICTER])
def test_a_broken_configuration_is_refused(name: str) -> None:
    code, broken = {**ERRORS, **STRICTER}[name]
    assert (code, Level.ERROR) in [(found.code, found.level) for found in check.problems(broken)]


@pytest.mark.parametrize("name", WARNINGS)
def test_what_works_and_loses_spans_is_doubted(name: str) -> None:
    code, doubtful = WARNINGS[name]
    found = list(check.problems(doubtful, balanced=True))
    assert code in [one.code for one in found]
    assert {one.level for one in found} == {Level.WARNING}


def test_tail_sampling_wants_whole_traces() -> None:
    value = config(processors={"tail_sampling": None}, service=service(traces=pipeline(processors=["tail_sampling"])))
    [found] = check.problems(value)
    assert (found.code, found.keys) == ("tail-sampling-alone", ("service", "pipelines", "traces", "processors", 0))
    assert list(check.problems(value, balanced=True)) == []


@pytest.mark.parametrize(
    ("name", "version", "code"),
    [
        ("otlp", (0, 143), None),
        ("otlp", (0, 144), "renamed"),
        ("otlp_grpc", (0, 143), "too-new"),
        ("otlp_grpc", (0, 144, 0), None),
        ("otlp_http/a", (0, 100), "too-new"),
        ("logging", (0, 110), None),
        ("logging", (0, 111), "removed"),
        ("debug", (0, 85), "too-new"),
    ],
)
def test_names_go_with_the_version(name: str, version: tuple[int, ...], code: str | None) -> None:
    value = config(exporters={name: None}, service=service(traces=pipeline(exporters=[name])))
    assert [one.code for one in check.problems(value, version)] == ([code] if code else [])


def test_a_circle_is_told_with_its_way() -> None:
    found = next(one for one in check.problems(ERRORS["three pipelines in a circle"][1]) if one.code == "cycle")
    assert "traces/1 -> forward/2 -> traces/2 -> forward/3 -> traces/1" in found.message


def test_a_long_chain_is_no_matter() -> None:
    size = 3000
    pipelines = {
        f"traces/{i}": pipeline(receivers=[f"forward/{i}" if i else "otlp"], exporters=[f"forward/{i + 1}"])
        for i in range(size)
    }
    pipelines[f"traces/{size}"] = pipeline(receivers=[f"forward/{size}"])
    value = config(connectors={f"forward/{i + 1}": None for i in range(size)}, service={"pipelines": pipelines})
    assert [one.code for one in connections.cycles(value, value["service"]["pipelines"])] == []


def test_a_deep_value_is_no_matter() -> None:
    deep: Any = "${env:A}"
    for _ in range(2_000):
        deep = [deep]
    assert list(check.problems(config(exporters={"debug": deep}))) == []


@given(st.text())
def test_an_escaped_text_expands_nothing(text: str) -> None:
    value = config(exporters={"debug": {"text": texts.escape(text)}})
    assert list(check.problems(value)) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    )
)
def test_nothing_that_yaml_gives_is_too_odd(value: Any) -> None:
    for section in ("receivers", "extensions", "connectors", "service", "x"):
        assert isinstance(list(check.problems(config(**{section: value}))), list)
    list(check.problems(jaeger(jaeger_storage=value, jaeger_query=value, remote_sampling=value)))
    list(check.problems(config(service={"pipelines": value, "extensions": value})))
    list(check.problems(value))


def test_the_examples_are_what_yaml_gives() -> None:
    for _, value in ERRORS.values():
        assert yaml.safe_load(yaml.safe_dump(value)) == value


def test_a_variable_has_a_name() -> None:
    assert texts.variable("ES_PASSWORD") == "${env:ES_PASSWORD}"
    for name in ("", "1A", "A-B", "A:-b", "A}"):
        with pytest.raises(ValueError, match="no name"):
            texts.variable(name)
