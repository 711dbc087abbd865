# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from consent import policies
from tests.engine.cli.conftest import Onlyou


def test_the_shipped_policies_are_listed_with_their_hashes(onlyou: Onlyou) -> None:
    items = onlyou("policy", "list", "--json").json["items"]
    assert {item["id"]: item["sha256"] for item in items} == {
        name: policies.load(name).sha256 for name in policies.names()
    }


def test_a_policy_is_shown_as_it_is_hashed_or_as_a_table(onlyou: Onlyou) -> None:
    shown = onlyou("policy", "show", "strict-opt-in", "--json").json
    assert shown["text"] == policies.load("strict-opt-in").text
    table = onlyou("policy", "show", "strict-opt-in").out
    assert "feed_insert" in table
    assert "✗ never" in table


def test_a_sound_policy_passes_and_a_faulty_one_names_its_key(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    assert onlyou("policy", "check", "instagram-2025").status == 0
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(policies.load("strict-opt-in").text.replace("term_days", "term_dayz"))
    refused = onlyou("policy", "check", str(faulty), "--json")
    assert (refused.status, refused.json["reason"]) == (2, "unknown-key")
    assert "term_dayz" in refused.json["detail"]


def test_a_rule_that_can_never_match_is_a_finding(onlyou: Onlyou, tmp_path: Path) -> None:
    text = policies.load("strict-opt-in").text
    rule = '[[rule]]\nsteps = ["view"]\npurposes = ["imagine"]\nkinds = ["implied"]\n\n[consent]'
    path = tmp_path / "dead.toml"
    path.write_text(text.replace("[consent]", rule, 1))
    checked = onlyou("policy", "check", str(path), "--json")
    assert (checked.status, checked.json["ok"]) == (1, False)
    assert checked.json["dead_rules"] == [len(policies.load("strict-opt-in").rules) + 1]


def test_an_unknown_policy_names_what_there_is(onlyou: Onlyou) -> None:
    refused = onlyou("policy", "show", "lax")
    assert (refused.status, "strict-opt-in" in refused.err) == (2, True)


def test_two_policies_are_compared_with_counterexamples_in_the_fixed_shape(onlyou: Onlyou) -> None:
    found = onlyou("policy", "diff", "strict-opt-in", "instagram-2025", "--json")
    assert (found.status, found.json["equal"]) == (0, False)
    assert (found.json["a"], found.json["b"]) == ("strict-opt-in", "instagram-2025")
    for one in found.json["differences"]:
        assert {"step", "purpose", "facts", "a", "b", "meaning"} <= set(one)
    implied = [
        one
        for one in found.json["differences"]
        if (one["step"], one["b"], one["facts"].get("kind")) == ("insert", "allow", "implied")
    ]
    assert [one["a"] for one in implied] == ["policy-forbids"]
    assert "who only used the edit tool gets inserts" in implied[0]["meaning"]


def test_a_comparison_for_people_names_each_person_once_for_all_steps(onlyou: Onlyou) -> None:
    said = onlyou("policy", "diff", "strict-opt-in", "instagram-2025").out
    told = [line for line in said.splitlines() if "only used the edit tool" in line]
    assert len(told) == 1
    assert "gets inserts in the feed" in told[0]
    assert "more are denied by both" in said


def test_a_policy_and_its_copy_never_differ(onlyou: Onlyou, tmp_path: Path) -> None:
    copy = tmp_path / "copy.toml"
    copy.write_text(policies.load("lensa-2022").text + "\n# the same again\n")
    assert onlyou("policy", "diff", "lensa-2022", str(copy), "--json").json["equal"] is True
    assert "never differ" in onlyou("policy", "diff", "lensa-2022", str(copy)).out


def test_a_claim_that_a_file_does_not_keep_is_a_finding(onlyou: Onlyou, tmp_path: Path) -> None:
    path = tmp_path / "sold.toml"
    path.write_text(
        policies.load("snapchat-2024").text.replace("claims = []", 'claims = ["no-ads"]')
    )
    checked = onlyou("policy", "check", str(path), "--json")
    assert checked.status == 1
    assert [one["code"] for one in checked.json["findings"]] == ["claim-broken"]
    assert "somebody who said yes to ads" in checked.json["findings"][0]["detail"]
