"""What comes out of a template that was executed: its text, why it fails, and what is odd on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon.classes import field, mutable
from llmmon.gotemplate.values import described

if TYPE_CHECKING:
    from llmmon.gotemplate.nodes import Operand
    from llmmon.gotemplate.printf import Misfit
    from llmmon.gotemplate.values import Strings
    from llmmon.problem import Span


class Failure(NamedTuple):
    """Why a template fails, and where; `instead` is a text for a part of it, where that helps."""

    message: str
    span: Span
    instead: tuple[Span, str] | None = None
    template: str = ""  # the one that another calls, where it fails there


class Read(NamedTuple):
    """A key that a map has not, which is no failure."""

    map: Strings
    key: str
    span: Span


class Odd(NamedTuple):
    """What is shown, or compared, and makes no sense: `what` is `nothing`, `never` or the text that never comes.

    Where there is nothing because a template was `called` without a dot, it is where that was done.
    """

    what: str
    span: Span
    template: str
    choices: tuple[str, ...] = ()
    called: str = ""


class Wrong(NamedTuple):
    """A verb of `printf` that does not fit; the operands are those of the command, its value is the argument's."""

    command: tuple[Operand, ...]
    verb: Misfit
    value: Any
    template: str = ""

    @property
    def says(self) -> str:
        """What Go prints in place of a value, and why."""
        verb = self.verb.verb
        if self.verb.argument is None:
            if not verb:
                return "the format ends without a verb, and prints %!(NOVERB): write %%, or a verb such as %.0f"
            what = f"printf has no value for %{verb}, and prints %!{verb}(MISSING)"
            return f"{what}: give it one, or write %% for a percent sign"
        if not verb:
            return "printf has more values than verbs, and prints %!(EXTRA ...): add a verb, or remove a value"
        return f"%{verb} is not for {described(self.value)}: write %v, or %% for a percent sign"


@mutable
class Result:
    """What comes out; `failure` is why it ends before its end, and where nothing is certain any more it just ends."""

    text: str = ""
    failure: Failure | None = None
    certain: bool = True
    exact: bool = True  # the text is what Go makes of the same values, and not only something like it
    reads: list[Read] = field(default_factory=list)
    misfits: list[Wrong] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)
    steps: int = 0  # that it took
    pieces: list[str] = field(default_factory=list)  # of the text; what nobody knows is a `Standin`
