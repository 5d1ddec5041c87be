"""Quantities: exact in base units, compared only with what they fit, printed without exponents."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmon import unit

EXACT = settings(derandomize=True, deadline=None)
NUMBERS = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=6)


@pytest.mark.parametrize(
    ("text", "value", "dimension"),
    [
        ("200ms", "0.2", "seconds"),
        ("2s", "2", "seconds"),
        ("5m", "300", "seconds"),
        ("36h", "129600", "seconds"),
        ("1w", "604800", "seconds"),
        ("99.9%", "0.999", "ratio"),
        ("90GB", "90000000000", "bytes"),
        ("1.5GiB", "1610612736", "bytes"),
        ("0.1/s", "0.1", "rate"),
        ("6/m", "0.1", "rate"),
        ("500 USD", "500", "money"),
        ("10_000", "10000", "count"),
        ("-3", "-3", "count"),
        ("1e3", "1000", "count"),
    ],
)
def test_a_quantity_is_exact_in_base_units(text: str, value: str, dimension: str) -> None:
    found = unit.parse(text)
    assert found is not None
    assert (round(found.value, 12), found.dimension, found.text) == (Decimal(value), dimension, text)


@pytest.mark.parametrize("text", ["", "fast", "5 parsecs", "1.2.3", ".5", "5%%", "5ms ago", "1,000", "10 usd", "5MS"])
def test_what_has_no_known_unit_is_no_quantity(text: str) -> None:
    assert unit.parse(text) is None


@EXACT
@given(NUMBERS, st.sampled_from(sorted(unit.SUFFIXES)))
def test_a_quantity_keeps_its_number(number: Decimal, suffix: str) -> None:
    one, found = unit.parse(f"1{suffix}"), unit.parse(f"{unit.number(number)}{suffix}")
    assert one is not None
    assert found is not None
    assert (found.value, found.dimension) == (number * one.value, one.dimension)


@EXACT
@given(NUMBERS)
def test_a_number_reads_back_as_it_was_written(number: Decimal) -> None:
    assert Decimal(unit.number(number)) == number


@EXACT
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e21"), max_value=Decimal("1e21")))
def test_a_number_is_never_written_with_an_exponent(number: Decimal) -> None:
    text = unit.number(number)
    assert not set(text) - set("-.0123456789")
    assert float(text) == pytest.approx(float(number), rel=1e-15)


@pytest.mark.parametrize(
    ("number", "text"),
    [("0.10", "0.1"), ("1E+3", "1000"), ("-0", "0"), ("1E-7", "0.0000001"), ("107374182400", "107374182400")],
)
def test_a_number_has_no_needless_digits(number: str, text: str) -> None:
    assert unit.number(Decimal(number)) == text


def test_a_number_with_very_many_digits_is_rounded_and_still_has_no_exponent() -> None:
    assert unit.number(Decimal("1e-14") / 3) == "0.0000000000000033333333333333332"


@pytest.mark.parametrize(
    ("text", "of", "fits"),
    [
        ("200ms", "seconds", True),
        ("200ms", "bytes", False),
        ("200ms", None, False),
        ("5%", "ratio", True),
        ("5%", "seconds", False),
        ("10", "seconds", True),
        ("10", "ratio", True),
        ("10GB", "bytes", True),
        ("5 USD", "USD", True),
        ("5 USD", "EUR", False),
        ("5 USD", "tokens", False),
        ("0.1/s", "requests/s", True),
        ("0.1/s", "requests", False),
        ("6/m", "bytes/s", True),
    ],
)
def test_a_threshold_compares_only_with_a_signal_of_its_unit(text: str, of: str | None, fits: bool) -> None:
    quantity = unit.parse(text)
    assert quantity is not None
    assert unit.fits(quantity, of) is fits


@pytest.mark.parametrize(
    ("of", "grafana", "humanized"),
    [
        ("seconds", "s", "{{ $value | humanizeDuration }}"),
        ("ratio", "percentunit", "{{ $value | humanizePercentage }}"),
        ("bytes", "bytes", "{{ $value | humanize1024 }}B"),
        ("USD", "currencyUSD", '{{ printf "%.4f" $value }} USD'),
        ("requests/s", "reqps", "{{ $value | humanize }} requests/s"),
        ("tokens/s", "ops", "{{ $value | humanize }} tokens/s"),
        ("tokens", "short", "{{ $value | humanize }} tokens"),
        (None, "short", "{{ $value | humanize }}"),
    ],
)
def test_each_unit_is_shown_by_grafana_and_in_annotations(of: str | None, grafana: str, humanized: str) -> None:
    assert unit.grafana(of) == grafana
    assert unit.humanize(of) == humanized
