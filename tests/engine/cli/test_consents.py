# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from consent.validity import surfaces
from tests.engine.cli.conftest import Onlyou, Said


def test_a_yes_quotes_the_notice_that_was_served(onlyou: Onlyou, town_home: Path) -> None:
    served = onlyou("consent", "serve-notice", "Ada", "story", "--json", home=town_home).json
    assert {"served_id", "purpose", "sha256", "version", "language", "text", "policy"} <= set(
        served
    )
    arguments = ("consent", "grant", "Ada", "story", "--served", served["served_id"], "--json")
    granted = onlyou(*arguments, home=town_home)
    assert (granted.status, granted.json["state"], granted.json["basis"]) == (
        0,
        "granted",
        "explicit",
    )
    again = onlyou(*arguments, home=town_home)
    assert (again.status, again.json["reason"]) == (2, "notice-missing")


def test_a_no_succeeds_again_and_its_receipt_can_be_had(onlyou: Onlyou, town_home: Path) -> None:
    first = onlyou("consent", "withdraw", "Ada", "feed_insert", "--json", home=town_home)
    again = onlyou("consent", "withdraw", "Ada", "feed_insert", "--json", home=town_home)
    assert (first.status, again.status) == (0, 0)
    assert first.json["seq"] == again.json["seq"]
    receipt = onlyou("consent", "receipt", "Ada", "feed_insert", "--json", home=town_home).json
    assert (receipt["event"], receipt["seq"]) == ("withdraw", first.json["seq"])


def test_show_lists_every_purpose(onlyou: Onlyou, town_home: Path) -> None:
    shown = onlyou("consent", "show", "Ada", "--json", home=town_home).json["items"]
    assert len(shown) == 12
    granted = {item["purpose"] for item in shown if item["state"] == "granted"}
    assert granted == {"likeness", "feed_insert"}
    assert "feed_insert" in onlyou("consent", "show", "Ada", home=town_home).out


def test_everything_is_paused_for_days_until_a_time_or_until_it_is_resumed(
    onlyou: Onlyou, town_home: Path
) -> None:
    for more, ends in (((), False), (("--days", "30"), True), (("--until", _LATER), True)):
        paused = onlyou("consent", "pause", "Ada", *more, "--json", home=town_home)
        assert (paused.status, paused.json["paused"]) == (0, True)
        assert (paused.json["until"] is not None) == ends
    shown = onlyou("consent", "show", "Ada", "--json", home=town_home).json["items"]
    assert {one["state"] for one in shown} == {"paused", "not_granted"}
    assert "paused" in onlyou("consent", "show", "Ada", home=town_home).out
    for _ in range(2):
        resumed = onlyou("consent", "resume", "Ada", "--json", home=town_home)
        assert (resumed.status, resumed.json) == (0, {"paused": False, "until": None})


_LATER = "2031-01-01T00:00Z"


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (("pause", "Ada", "--until", "later"), 2, "unknown-key"),
        (("pause", "Ada", "--until", "2020-01-01T00:00Z"), 2, "unknown-key"),
        (("pause", "Ada", "--until", "2031-01-01T00:00Z", "--days", "2"), 2, "unknown-key"),
        (("resume", "Nobody"), 2, "unknown-subject"),
        (("withdraw", "Nobody", "story"), 2, "unknown-subject"),
        (("grant", "Ada", "story", "--served", "nothing"), 2, "notice-missing"),
        (("grant", "Ada", "ads", "--served", "nothing"), 1, "policy-forbids"),
        (("serve-notice", "Ada", "ads"), 2, "notice-missing"),
        (("receipt", "Ada", "story"), 2, "unknown-key"),
    ],
)
def test_bad_input_is_one_sentence_with_a_reason(
    onlyou: Onlyou, town_home: Path, words: tuple[str, ...], status: int, reason: str
) -> None:
    refused = onlyou("consent", *words, home=town_home)
    assert (refused.status, f"({reason})" in refused.err) == (status, True), refused.err
    assert len(refused.err.strip().splitlines()) == 1


def test_a_purpose_that_is_none_is_wrong_usage(onlyou: Onlyou, town_home: Path) -> None:
    assert onlyou("consent", "withdraw", "Ada", "nonsense", home=town_home).status == 2


def test_a_guardian_speaks_for_a_minor_and_for_nobody_else(
    onlyou: Onlyou, town_home: Path
) -> None:
    def say(*words: str) -> Said:
        served = onlyou("consent", "serve-notice", "Cy", "likeness", "--json", home=town_home)
        quoted = ("--served", served.json["served_id"], *words)
        return onlyou("consent", "grant", "Cy", "likeness", *quoted, "--json", home=town_home)

    assert say("--guardian").json["reason"] == "attestation-missing"
    onlyou("subject", "attest", "Cy", "--minor", home=town_home)
    assert say().json["reason"] == "guardian-required"
    assert say("--guardian").json["basis"] == "parental"
    off = ("consent", "withdraw", "Cy", "likeness", "--guardian", "--json")
    assert onlyou(*off, home=town_home).json["event"] == "withdraw"


@pytest.mark.parametrize("kind", ["27560", "kantara"])
def test_a_receipt_is_kept_in_other_formats_and_checked_without_the_home(
    onlyou: Onlyou, town_home: Path, tmp_path: Path, kind: str
) -> None:
    said = onlyou("consent", "receipt", "Ada", "likeness", "--format", kind, home=town_home)
    assert said.status == 0, said.err
    kept = tmp_path / "receipt.json"
    kept.write_text(said.out)
    key = said.json["key"]
    checked = onlyou("consent", "check-receipt", str(kept), "--key", key)
    assert (checked.status, "proves itself" in checked.out) == (0, True)
    kept.write_text(said.out.replace("likeness", "ads"))
    broken = onlyou("consent", "check-receipt", str(kept), "--key", key, "--json")
    assert (broken.status, broken.json["ok"]) == (1, False)
    kept.write_text("no receipt")
    assert onlyou("consent", "check-receipt", str(kept), "--key", key).status == 2


def test_a_yes_and_a_no_take_as_many_commands_as_is_committed_to(
    onlyou: Onlyou, town_home: Path
) -> None:
    served = onlyou("consent", "serve-notice", "Ada", "story", "--json", home=town_home)
    quoted = ("--served", served.json["served_id"])
    yes = [served, onlyou("consent", "grant", "Ada", "story", *quoted, home=town_home)]
    no = [onlyou("consent", "withdraw", "Ada", "story", home=town_home)]
    assert {said.status for said in yes + no} == {0}
    surface = surfaces()["cli"]
    assert (surface.grant, surface.withdraw) == (len(yes), len(no))
