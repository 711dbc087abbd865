# SPDX-License-Identifier: Apache-2.0
import pytest

from engine.cli import output


def test_json_is_one_document_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    output.say_json({"b": [1, 2], "a": None})
    said = capsys.readouterr()
    assert (said.out.split(), said.err) == (
        ["{", '"b":', "[", "1,", "2", "],", '"a":', "null", "}"],
        "",
    )


def test_what_looks_like_markup_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    output.say_error("no experiment '[/nope]'", "unknown-key")
    output.say_table("[/title]", ("[red]arm",), [("[/bold] [red]x",)])
    said = capsys.readouterr()
    assert "no experiment '[/nope]' (unknown-key)" in said.err
    assert all(words in said.out for words in ("[/title]", "[red]arm", "[/bold] [red]x"))


def test_progress_and_errors_leave_standard_output_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.say_error("the door is closed", "not-granted")
    with output.progress() as bar:
        bar.add_task("drawing", total=1)
    said = capsys.readouterr()
    assert said.out == ""
    assert "the door is closed (not-granted)" in said.err
