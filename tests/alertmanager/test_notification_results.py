"""The templates of a configuration are executed within bounds, whatever is written in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents import notification_results
from llmmon.documents.routes import read
from llmmon.problem import Origin
from llmmon.rule import Facts
from llmmon.source.document import Document

if TYPE_CHECKING:
    from llmmon.documents.notification_results import Told

LOOP = (
    '{{ define "t" }}{{ range .Alerts }}{{ template "t" $ }}{{ template "t" $ }}{{ end }}{{ end }}{{ template "t" . }}'
)


def of(*texts: str, **fields: object) -> list[Told]:
    ways = [{"title": text, **fields} for text in texts]
    configuration = read({"receivers": [{"name": "a", "slack_configs": ways}]}, Origin(Document("a.yml", "")))
    return notification_results.told(configuration, Facts())


def test_what_has_happened_depends_on_whether_somebody_is_told_of_it() -> None:
    (quiet,), (loud,) = of("{{ .Status }}"), of("{{ .Status }}", send_resolved=True)
    assert {result.text for _, result in quiet.results} == {"firing"}
    assert {result.text for _, result in loud.results} == {"firing", "resolved"}
    assert notification_results.RESOLVED in dict(loud.results)


def test_each_word_that_labels_are_compared_with_is_tried() -> None:
    text = '{{ if eq .CommonLabels.severity "critical" }}red{{ else if eq .CommonLabels.team "a" }}blue{{ end }}'
    assert {result.text for _, result in of(text)[0].results} == {"", "red", "blue"}


def test_after_many_steps_nothing_more_is_found_out() -> None:
    found = of(LOOP, *("{{ .Status }}" * 2000 + str(number) for number in range(60)))
    assert len(found) == 61
    assert found[0].results
    assert not found[-1].results


def test_the_same_text_is_executed_once() -> None:
    one, other = of("{{ .Status }}", "{{ .Status }}")
    assert one.results is other.results
