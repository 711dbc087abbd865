# SPDX-License-Identifier: Apache-2.0
"""What anybody may read of the machine tells nothing of anybody."""

from functools import partial

from typing_extensions import override

from consent.words import Purpose
from engine.costs import Book, Cost
from engine.gauges import Accounts, exposition
from engine.rooms import Rooms
from engine.scrapes import Scrapes
from tests.engine.homes import Home

OF_NOBODY = {"onlyou_plan_age_seconds", "onlyou_gate_open"}


def lines(home: Home) -> dict[str, str]:
    """Read every sample by its name and labels."""
    answer = home.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return dict(line.rsplit(" ", 1) for line in samples)


def test_every_metric_says_what_it_is(home: Home) -> None:
    text = home.client.get("/metrics").text
    told = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    parts = ("_bucket", "_count", "_sum")
    for name in {name.partition("{")[0] for name in lines(home)}:
        assert name in told or any(name.removesuffix(part) in told for part in parts)
    assert text.endswith("\n")


def test_a_small_installation_shows_no_portrait_and_no_look(home: Home) -> None:
    home.client.get(home.insert("Anna")["image_url"], headers=home.as_("Anna"))
    home.rooms.consent.withdrawals.withdraw(home.person("Ben"), Purpose.FEED_INSERT)
    found = lines(home)
    counted = [name for name in found if "{" in name and "le=" not in name]
    assert [name.partition("{")[0] for name in counted] == ["onlyou_info"]
    of_people = {name for name in found if "{" not in name and "ledger" not in name}
    assert {found[name] for name in of_people - OF_NOBODY} == {"0.0"}


def test_no_single_act_of_anybody_changes_a_figure(home: Home) -> None:
    anna, ben = home.person("Anna"), home.person("Ben")
    shown = home.insert("Anna")["image_url"]
    before = still(home)
    assert len(before) > 20
    for act in (
        lambda: home.client.get(shown, headers=home.as_("Anna")),
        lambda: home.client.get(shown, headers=home.as_("Ben")),
        lambda: home.rooms.consent.withdrawals.withdraw(ben, Purpose.FEED_INSERT),
        lambda: home.hold_back("Anna"),
        lambda: home.rooms.consent.withdrawals.withdraw(anna, Purpose.IMAGINE),
        lambda: home.rooms.consent.erasures.erase(ben),
    ):
        act()
        assert still(home) == before


def still(home: Home) -> dict[str, str]:
    """Read all that no clock moves; of the log's size each ten shows, whoever fills it."""
    moved = {"onlyou_ledger_entries", "onlyou_plan_age_seconds"}
    assert not any("render" in name or "reason" in name for name in lines(home))
    return {name: figure for name, figure in lines(home).items() if name not in moved}


def test_nobody_is_named(home: Home) -> None:
    text = home.client.get("/metrics").text
    for account in home.rooms.consent.accounts.list():
        assert account.name not in text
        assert str(account.subject) not in text


def test_more_than_ten_are_counted_in_tens(home: Home) -> None:
    book = _Told()
    told = Scrapes(partial(exposition, home.rooms, Accounts(book=book)))
    home.client.app.state.scrapes = told  # type: ignore[attr-defined]
    found = lines(home)
    card, recipe = f'card="{book.one.sha256[:12]}"', 'recipe="a\\"b"'
    assert found[f'onlyou_portraits{{became="viewed",{card},{recipe}}}'] == "20.0"
    assert found[f'onlyou_seconds_per_portrait{{{card},each="viewed",{recipe}}}'] == "4.0"
    assert found[f"onlyou_render_seconds{{{card},{recipe}}}"] == "80.0"


class _Told(Book):
    """An account as a larger installation would keep it."""

    one = Cost(
        recipe='a"b',
        sha256="5" * 64,
        device="cuda",
        rendered=49,
        stored=45,
        inserted=45,
        viewed=29,
        unseen=16,
        seconds=87.5,
    )

    @override
    def costs(self, rooms: Rooms) -> tuple[Cost, ...]:
        del rooms
        return (self.one,)
