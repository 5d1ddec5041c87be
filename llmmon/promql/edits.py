"""How a matcher is taken out of the text of an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .ast import Matcher, Selector, Span


def without_matcher(selector: Selector, matcher: Matcher) -> Span | None:
    """What goes with a matcher, the comma beside it included; None where a comment may go as well."""
    spans = [other.span for other in selector.matchers]
    index = spans.index(matcher.span)
    if index:
        gone = spans[index - 1][1], spans[index][1]
    elif len(spans) > 1:
        gone = spans[0][0], spans[1][0]
    else:
        gone = spans[0]
        if selector.span[1] != gone[1] + 1:  # a comma may follow
            return None
    return gone if gone[1] - gone[0] - (matcher.span[1] - matcher.span[0]) <= len(", ") else None
