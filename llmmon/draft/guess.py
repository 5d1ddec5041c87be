"""Signals by role from metrics that no preset knows: only where name, type and labels leave little doubt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon.catalogue.entries import duration, guessed_type
from llmmon.classes import frozen
from llmmon.draft import objectives
from llmmon.promql import Matcher, regex_literal, selector
from llmmon.promql.escape import RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from llmmon.catalogue.page import Family

_STATUS = (  # labels that say how a request ended, the surest first
    *("status_code", "http_status_code", "http_response_status_code", "response_code", "http_status", "status"),
    *("code", "status_class", "outcome", "result", "state", "success", "ok", "error"),
)
_CLASS = re.compile(r"[1-5](?:[0-9][0-9]|xx|XX)\Z")
_BAD = re.compile(r"(?i)(?:.*_)?(?:error|errors|err|fail|failed|failure|timeout|exception|rejected|5xx)\Z")
_GOOD = re.compile(r"(?i)(?:ok|success|succeeded|successful|completed)\Z")
_REQUESTS = re.compile(r"(?i)(?:^|_)(?:requests?|calls?|queries|answers|completions|inferences|messages|jobs)(?:_|$)")
_FAULTS = re.compile(r"(?i)_?(?:errors?|failures?|failed|exceptions)(?=_|$)")
_MONEY = re.compile(r"(?i)(?:^|_)(?:cost|spend|usd|dollars)(?:_|$)")
_DIRECTIONS = {
    "tokens_in": re.compile(r"(?i)(?:^|_)(?:prompt|input|in)(?:$|_)"),
    "tokens_out": re.compile(r"(?i)(?:^|_)(?:completion|output|generation|generated|out)(?:$|_)"),
}
_LEVELS = {
    "queue": re.compile(
        r"(?i)(?:^|[_:])(?:queue|queued|waiting|pending|backlog)(?:_(?:size|depth|length|requests|jobs|tasks))?$"
    ),
    "inflight": re.compile(
        r"(?i)(?:^|[_:])(?:in_?flight|in_progress|running)(?:_requests)?$"
        r"|(?:^|[_:])active_requests$|requests_(?:in_?flight|running|active)$"
    ),
}
_MODELS = ("model", "model_name", "model_id")
_TRUE = {"true", "1", "yes"}


@frozen
class Guess:
    """A signal, and the metrics that it needs."""

    role: str
    signal: dict[str, Any]
    metrics: tuple[str, ...]
    objective: tuple[str, dict[str, Any]] | None = None


def signals(families: Iterable[Family], taken: Iterable[str] = ()) -> list[Guess]:
    """A signal for each role that the metrics fill; roles that are taken are left alone."""
    pool = sorted((f for f in families if f.name.lower() not in RESERVED), key=lambda family: family.name)
    seen = set(taken)
    out = []
    for find in (_outcomes, _times, _tokens, _money, _cache, _levels):
        for guess in find(pool):
            if guess.role not in seen:
                seen.add(guess.role)
                out.append(guess)
    return out


def objectives_of(guesses: Iterable[Guess]) -> objectives.Objectives:
    """`slos:` for the signals that are good for one, with a floor of traffic where there is a rate of requests."""
    guesses = list(guesses)
    floor = {"guard": {"signal": "requests", "above": "0.05/s"}} if any(x.role == "requests" for x in guesses) else {}
    return {each.objective[0]: {**each.objective[1], **floor} for each in guesses if each.objective}


def _outcomes(pool: list[Family]) -> Iterator[Guess]:
    """Requests, and the share of them that goes wrong."""
    counters = sorted(
        (f for f in pool if guessed_type(f) == "counter" and _REQUESTS.search(f.name) and not _FAULTS.search(f.name)),
        key=lambda f: (_sides(f) is None, -f.series, f.name),
    )
    for family in counters[:1]:
        yield Guess("requests", _signal({"rate": family.name}, family), (family.name,))
        sides, other = _sides(family), _failures(family, pool)
        if sides is None and other:
            sides = {"bad": other.name, "total": family.name}
        if sides:
            used = (family.name, other.name) if other and other.name in sides.values() else (family.name,)
            said = {"signal": "errors", "objective": objectives.AVAILABLE}
            yield Guess("errors", {"ratio": sides}, used, ("availability", said))


def _sides(family: Family) -> dict[str, str] | None:
    """Bad or good over all, by the label that says how a request ended; None where no label does."""
    for label in (label for label in _STATUS if label in family.labels):
        values = sorted(family.labels[label])
        bad = [value for value in values if _BAD.match(value)]
        good = [value for value in values if _GOOD.match(value)]
        if values and all(map(_CLASS.match, values)):
            return _over(family, "bad", Matcher(label, "=~", "5.."))
        if label in ("success", "ok", "error"):
            if values and {value.lower() for value in values} <= _TRUE | {"false", "0", "no"}:
                sense = "bad" if label == "error" else "good"
                spelt = next((v for v in values if v.lower() in _TRUE), _like(values[0]))
                return _over(family, sense, Matcher(label, "=", spelt))
        elif bad:
            return _over(family, "bad", _one_of(label, bad))
        elif good:
            return _over(family, "good", _one_of(label, good))
    return None


def _one_of(label: str, values: list[str]) -> Matcher:
    return (
        Matcher(label, "=", values[0])
        if len(values) == 1
        else Matcher(label, "=~", "|".join(map(regex_literal, values)))
    )


def _like(value: str) -> str:
    """How `true` is spelt where `false` is spelt like this."""
    return {"false": "true", "False": "True", "FALSE": "TRUE", "0": "1", "no": "yes"}.get(value, "true")


def _over(family: Family, sense: str, matcher: Matcher) -> dict[str, str]:
    return {sense: selector(family.name, [matcher]), "total": family.name}


def _failures(family: Family, pool: list[Family]) -> Family | None:
    """A counter of its own for what fails: `chat_errors_total` beside `chat_requests_total`."""
    near = (f for f in pool if guessed_type(f) == "counter" and _FAULTS.search(f.name))
    return next((f for f in near if _stem(f.name) == _stem(family.name)), None)


def _stem(name: str) -> list[str]:
    words = [word for word in name.split("_") if word != "total"]
    return [word for word in words if not _REQUESTS.match(word) and not _FAULTS.match(word)]


def _times(pool: list[Family]) -> Iterator[Guess]:
    """Histograms of seconds by what they time; the one with most series is what users wait for."""
    kinds: Mapping[str, Callable[[str], object]] = {
        "ttft": re.compile(r"(?i)ttft|first_token").search,
        "itl": re.compile(r"(?i)inter_token|per_output_token|_itl_|_tpot_").search,
        "latency": re.compile(r"(?i)request|response|latency|duration|answer|call").search,
    }
    timed = [f for f in pool if f.type == "histogram" and f.buckets and _in_seconds(f)]
    for role, fits in kinds.items():
        found = [f for f in timed if fits(f.name) and not any(k != role and kinds[k](f.name) for k in ("ttft", "itl"))]
        for family in sorted(found, key=lambda f: (not _REQUESTS.search(f.name), -f.series, f.name))[:1]:
            within = objectives.boundary(family.buckets, objectives.USUAL[role])
            objective = None
            if role in objectives.NAMES and within is not None:
                said = {"signal": role, "within": duration(within), "objective": objectives.FAST}
                objective = objectives.NAMES[role], said
            yield Guess(role, {"histogram": family.name}, (family.name,), objective)


def _in_seconds(family: Family) -> bool:
    return family.unit == "seconds" or "seconds" in family.name.split("_")


def _tokens(pool: list[Family]) -> Iterator[Guess]:
    """Tokens in and out, from two counters or from a label of one."""
    counters = [f for f in pool if guessed_type(f) == "counter" and "tokens" in f.name.split("_")]
    for role, pattern in _DIRECTIONS.items():
        for family in counters:
            matchers = [
                Matcher(label, "=", value)
                for label, values in sorted(family.labels.items())
                for value in sorted(values)
                if pattern.search(value) and label not in _MODELS
            ]
            if pattern.search(family.name):
                yield Guess(role, _signal({"rate": family.name}, family), (family.name,))
            elif matchers:
                said = selector(family.name, matchers[:1])
                yield Guess(role, _signal({"rate": said}, family), (family.name,))


def _money(pool: list[Family]) -> Iterator[Guess]:
    for family in pool:
        if guessed_type(family) == "counter" and _MONEY.search(family.name):
            yield Guess("spend", _signal({"rate": family.name}, family), (family.name,))


def _cache(pool: list[Family]) -> Iterator[Guess]:
    names = {f.name for f in pool if guessed_type(f) == "counter"}
    for hits in sorted(name for name in names if re.search(r"cache.*hits|hits.*cache", name)):
        misses, queries = (hits.replace("hits", word) for word in ("misses", "queries"))
        if misses in names:
            yield Guess("cache_hits", {"ratio": {"part": hits, "total": [hits, misses]}}, (hits, misses))
        elif queries in names:
            yield Guess("cache_hits", {"ratio": {"part": hits, "total": queries}}, (hits, queries))


def _levels(pool: list[Family]) -> Iterator[Guess]:
    """What waits, and what is being worked on."""
    gauges = [f for f in pool if f.type == "gauge" and not {"seconds", "bytes", "ratio"} & set(f.name.split("_"))]
    for role, pattern in _LEVELS.items():
        for family in gauges:
            if pattern.search(family.name):
                yield Guess(role, _signal({"gauge": family.name, "how": "sum"}, family), (family.name,))


def _signal(kind: dict[str, Any], family: Family) -> dict[str, Any]:
    """By model, where there is such a label."""
    model = next((label for label in _MODELS if label in family.labels), None)
    return {**kind, "by": [model]} if model else kind
