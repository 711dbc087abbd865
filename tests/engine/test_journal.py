# SPDX-License-Identifier: Apache-2.0
"""What is written of a line, and what is not."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from consent.telling import TOLD, told
from engine.journal import Format, JsonLines, TextLines, configure, line_of, under


def record(
    said: str, *args: object, name: str = "generation.passes", **extra: object
) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.ERROR, "a/path.py", 1, said, args, None)
    vars(made).update(extra)
    return made


@pytest.fixture
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_a_line_has_its_time_its_sentence_and_its_fields() -> None:
    line = json.loads(JsonLines().format(record("a pass broke", **told(size=4, ms=1.234))))
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "error", "from": "generation.passes", "said": "a pass broke",
        "size": 4, "ms": 1.2,
    }  # fmt: skip


def test_of_an_error_its_kind_and_place_are_told_and_never_its_message() -> None:
    def breaks() -> None:
        raise ValueError("canary")

    broken = record("a pass broke")
    try:
        breaks()
    except ValueError:
        broken.exc_info = sys.exc_info()
    for form in (JsonLines(), TextLines()):
        written = form.format(broken)
        assert "canary" not in written
        assert "ValueError in breaks line" in written


def test_what_is_no_field_no_word_or_no_number_is_not_written() -> None:
    fields = {
        "name": "canary-name",
        "recipe": 'canary"\n{"forged": 1}',
        "count": object(),
        "counts": {"made": 3, "canary\n": 4},
    }
    line = line_of(record("done", **{TOLD: fields}))
    assert "name" not in line
    assert (line["recipe"], line["count"]) == ("?", "?")
    assert line["counts"] == {"made": 3, "?": 4}
    assert "canary" not in JsonLines().format(record("done", **{TOLD: fields}))


def test_what_was_filled_into_a_line_is_left_out_and_another_packages_own_words_too() -> None:
    assert line_of(record("%s broke", "canary"))["said"] == "%s broke"
    theirs = line_of(record("job %s was missed", "canary", name="apscheduler.executors"))
    assert theirs["said"] == "job %s was missed"
    ready = line_of(record("GET /people/canary", name="urllib3"))
    assert ready["said"] == "a line of urllib3, which may hold anything"


def test_lines_of_one_request_carry_its_number() -> None:
    with under("abc"):
        assert line_of(record("done"))["request"] == "abc"
    assert "request" not in line_of(record("done"))


def test_text_is_one_line_for_people() -> None:
    told_of = told(counts={"made": 3, "denied": 1}, why="the key is gone")
    written = TextLines().format(record("plan done", **told_of))
    assert written.endswith(
        'error generation.passes plan done counts=made:3,denied:1 why="the key is gone"'
    )


@pytest.mark.usefixtures("as_before")
def test_a_process_writes_each_line_once_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for form in (Format.TEXT, Format.JSON):
        configure(form)
    logging.getLogger("engine.schedule").info("reaped", extra=told(count=3))
    logging.getLogger("engine.schedule").debug("not this")
    logging.getLogger("uvicorn.error").info("nor this")
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert json.loads(line)["count"] == 3
    assert said.out == ""


@pytest.mark.usefixtures("as_before")
def test_a_line_that_cannot_be_written_is_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    configure()
    monkeypatch.setattr(sys, "stderr", Full())
    logging.getLogger("engine.schedule").error("reaped")
