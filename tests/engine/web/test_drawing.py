# SPDX-License-Identifier: Apache-2.0
from engine.web.drawing import shown
from tests.engine.homes import Home
from tests.engine.web.test_checking import visitor


def test_a_job_is_shown_with_its_pictures_and_what_was_held_back(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    job = {
        "state": "done",
        "portraits": [own, "0000000000001"],
        "refusals": [{"reason": "nsfw"}, {"reason": "nsfw"}, {"reason": "stopped"}],
    }
    told = shown(visitor(home, "Anna"), job)
    assert [one["id"] for one in told["pictures"]] == [own]
    assert told["held"] == [("nsfw", 2), ("stopped", 1)]
    assert told["open"] is False
    assert told["words"] is None
    assert shown(visitor(home, "Ben"), job)["pictures"] == []
