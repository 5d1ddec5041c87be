"""Classes of plain fields: what `dataclasses` makes of them, for a tenth of its time at start-up.

A class costs `dataclass` more than a millisecond, because it writes and compiles six functions for it at once, and
`dataclasses` itself imports `inspect`: together half of a short run. Here the constructor is compiled when the first
instance is made, and all else is shared. Type checkers see dataclasses, frozen ones where it says so; at run time
nobody looks.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")
_MISSING: Any = object()


class _Field:
    """What `field` says of one; `compare` is False where two may differ in it and are equal."""

    __slots__ = ("compare", "default", "factory", "hash", "init", "repr")

    def __init__(
        self,
        default: Any = _MISSING,
        factory: Any = _MISSING,
        init: bool = True,
        repr: bool = True,  # noqa: A002 - as in dataclasses
        compare: bool = True,
        hash: bool = True,  # noqa: A002
    ) -> None:
        self.default = default
        self.factory = factory
        self.init = init
        self.repr = repr
        self.compare = compare
        self.hash = hash and compare


def field(
    *,
    default: Any = _MISSING,
    default_factory: Any = _MISSING,
    init: bool = True,
    repr: bool = True,  # noqa: A002 - as in dataclasses
    compare: bool = True,
    hash: bool = True,  # noqa: A002
) -> Any:
    """More about a field than its default, as `dataclasses.field` takes it."""
    return _Field(default, default_factory, init, repr, compare, hash)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """A class whose annotated names are its fields: with slots, a constructor, equality, a hash and a `repr`."""
    return _build(cls, equal=True)


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
def identity(cls: type[T]) -> type[T]:
    """A frozen class whose instances are equal to themselves alone, or as a base class says."""
    return _build(cls, equal=False)


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def mutable(cls: type[T]) -> type[T]:
    """A class whose fields may be set anew; its instances are equal to themselves alone, or as a base class says."""
    return _build(cls, equal=False)


def replace(one: T, **changes: Any) -> T:
    """A copy in which these fields are others."""
    fields: Mapping[str, _Field] = type(one)._fields  # type: ignore[attr-defined]
    for name, about in fields.items():
        if about.init and name not in changes:
            changes[name] = getattr(one, name)
    return type(one)(**changes)


def names(of: object) -> tuple[str, ...]:
    """The names of the fields of an instance or of a class, in their order."""
    return tuple(of._fields)  # type: ignore[attr-defined]


def _build(cls: type[T], *, equal: bool) -> type[T]:
    space = dict(cls.__dict__)
    own: dict[str, _Field] = {}
    for name, annotation in space.get("__annotations__", {}).items():
        if not annotation.startswith("ClassVar"):
            given = space.pop(name, _MISSING)
            own[name] = given if isinstance(given, _Field) else _Field(given)
    fields = {**getattr(cls, "_fields", {}), **own}
    space.pop("__dict__", None)
    space.pop("__weakref__", None)
    space["__slots__"] = tuple(own)
    space["_fields"] = fields
    space["__match_args__"] = tuple(name for name, about in fields.items() if about.init)
    space.setdefault("__repr__", _repr)
    if "__init__" not in space:
        space["__init__"] = _first
    if equal and "__eq__" not in space:
        space["__eq__"] = _equality(_values(name for name, about in fields.items() if about.compare))
        space.setdefault("__hash__", _hash(_values(name for name, about in fields.items() if about.hash)))
    meta: Any = type(cls)
    made: type[T] = meta(cls.__name__, cls.__bases__, space)  # slots are there from the beginning, or never
    return made


def _first(self: Any, *args: Any, **named: Any) -> None:
    """The constructor until the first instance of the class: then it makes the real one."""
    cls = type(self)
    cls.__init__ = _constructor(cls.__name__, cls._fields)
    cls.__init__(self, *args, **named)


def _constructor(name: str, fields: Mapping[str, _Field]) -> Callable[..., None]:
    given, lines, known = ["self"], [], {"MISSING": _MISSING}
    for field, about in fields.items():
        value = field
        if about.factory is not _MISSING:
            known[f"make_{field}"] = about.factory
            value = f"make_{field}() if {field} is MISSING else {field}" if about.init else f"make_{field}()"
        if about.default is not _MISSING:
            known[f"default_{field}"] = about.default
        if about.init:
            optional = "MISSING" if about.factory is not _MISSING else f"default_{field}"
            has_none = about.factory is _MISSING and about.default is _MISSING
            given.append(field if has_none else f"{field}={optional}")
        lines.append(f" self.{field} = {value}")
    body = "\n".join(lines or [" pass"])
    space: dict[str, Any] = {}
    exec(f"def __init__({', '.join(given)}):\n{body}", known, space)  # noqa: S102 - the names of fields, no input
    made: Callable[..., None] = space["__init__"]
    made.__qualname__ = f"{name}.__init__"
    return made


def _values(names: Iterable[str]) -> Callable[[Any], Any]:
    """What is in these fields of an instance."""
    known = tuple(names)
    return attrgetter(*known) if known else lambda _: ()


def _hash(key: Callable[[Any], Any]) -> Callable[[Any], int]:
    return lambda self: hash(key(self))


def _equality(key: Callable[[Any], Any]) -> Callable[[Any, object], bool]:
    def equal(self: Any, other: object) -> bool:
        return key(self) == key(other) if type(other) is type(self) else NotImplemented

    return equal


def _repr(self: Any) -> str:
    said = (f"{name}={getattr(self, name)!r}" for name, about in self._fields.items() if about.repr)
    return f"{type(self).__qualname__}({', '.join(said)})"
