"""Classes of plain fields are what `dataclasses` would have made of them."""

from __future__ import annotations

import pickle
from typing import Any, Generic, TypeVar

import pytest

from llmmon.classes import field, frozen, identity, mutable, names, replace

T = TypeVar("T")


@frozen
class Point:
    """A place."""

    x: int
    y: int = 0
    seen: list[int] = field(default_factory=list, repr=False, compare=False)


@frozen
class Far(Point):
    z: int = 9


@frozen
class Box(Generic[T]):
    content: T
    about: dict[str, Any] = field(default_factory=dict, hash=False)


@frozen
class Nothing:
    pass


@identity
class Alone:
    x: int


@mutable
class Counter:
    count: int = 0


def test_positions_names_and_defaults_fill_the_fields() -> None:
    assert (Point(1).x, Point(1).y, Point(1).seen) == (1, 0, [])
    assert (Point(x=1, y=2).y, Point(1, 3).y) == (2, 3)
    assert Far(1, z=4).z == 4
    assert Far(1, 2, [], 5).z == 5


@pytest.mark.parametrize(("given", "called"), [((), {}), ((1, 2, [], 3), {}), ((1,), {"x": 2}), ((1,), {"w": 2})])
def test_a_wrong_call_is_refused(given: Any, called: Any) -> None:
    with pytest.raises(TypeError, match=r"Point\.__init__"):
        Point(*given, **called)


def test_a_default_that_is_made_is_made_for_each() -> None:
    first, second = Point(1), Point(1)
    first.seen.append(1)
    assert second.seen == []


def test_equal_fields_of_one_class_are_equal_and_have_one_hash() -> None:
    assert Point(1, 2) == Point(1, 2, [3])
    assert hash(Point(1, 2)) == hash(Point(1, 2, [3]))
    assert Point(1, 2) != Point(1, 3)
    assert Point(1) != Far(1)
    assert Point(1).__eq__((1, 0)) is NotImplemented
    assert Nothing() == Nothing()


def test_a_field_may_be_compared_and_not_hashed() -> None:
    assert hash(Box(1, {"a": 1})) == hash(Box(1))
    assert Box(1, {"a": 1}) != Box(1)


def test_some_are_equal_to_themselves_alone() -> None:
    one = Alone(1)
    assert one == one
    assert one != Alone(1)
    assert Counter(1) != Counter(1)
    assert len({Alone(1), Alone(1)}) == 2


def test_what_is_mutable_changes_and_nothing_takes_a_field_that_it_has_not() -> None:
    counter = Counter()
    counter.count += 1
    assert counter.count == 1
    with pytest.raises(AttributeError):
        counter.size = 1  # type: ignore[attr-defined]


def test_a_copy_has_other_fields() -> None:
    seen = [1]
    assert replace(Point(1, 2, seen), y=5) == Point(1, 5)
    assert replace(Point(1, 2, seen), y=5).seen is seen
    with pytest.raises(TypeError, match="w"):
        replace(Point(1), w=5)


def test_it_reads_well() -> None:
    assert repr(Point(1, seen=[1])) == "Point(x=1, y=0)"
    assert names(Far) == names(Far(1)) == ("x", "y", "seen", "z")
    assert Point.__doc__ == "A place."
    match Point(1, 2):
        case Point(x, y=2):
            assert x == 1
        case _:
            pytest.fail("it has match arguments")


def test_it_is_pickled() -> None:
    assert pickle.loads(pickle.dumps(Far(1, 2, [3]))).seen == [3]  # noqa: S301 - our own
