# SPDX-License-Identifier: Apache-2.0
"""References to what is shared, for whoever may see it; never to an insert."""

import re
from typing import Any

from engine.api.skeleton import feed_uri
from tests.engine.api.test_shares import opened, share
from tests.engine.homes import Home

PATH = "/xrpc/app.bsky.feed.getFeedSkeleton"
AT_URI = re.compile(r"at://did:web:[a-z0-9.%-]+/[a-zA-Z]+(\.[a-zA-Z]+)+/[a-zA-Z0-9._:~-]{1,512}")


def asked(home: Home, name: str, **query: Any) -> dict[str, Any]:
    params = {"feed": feed_uri(home.rooms)} | query
    answer = home.client.get(PATH, headers=home.as_(name), params=params)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_only_shares_that_one_may_see_are_in_it(home: Home) -> None:
    made = share(opened(home))
    home.insert("Ben")  # stands in his feed, and nowhere here
    (post,) = asked(home, "Ben")["feed"]
    assert AT_URI.fullmatch(post["post"])
    assert post["post"].endswith(f"/{made['share_id']}")
    assert set(post) == {"post"}
    assert asked(home, "Cleo") == {"feed": []}


def test_pages_follow_each_other(home: Home) -> None:
    opened(home)
    shared = [share(home, "story"), share(home, "share", which=1)]
    first = asked(home, "Ben", limit=1)
    rest = asked(home, "Ben", limit=1, cursor=first["cursor"])
    assert "cursor" not in rest
    found = [one["post"].rpartition("/")[2] for one in first["feed"] + rest["feed"]]
    assert found == [one["share_id"] for one in reversed(shared)]


def test_another_feed_is_refused_by_name(home: Home) -> None:
    for feed in ("at://did:web:elsewhere/app.bsky.feed.generator/x", "x"):
        refused = home.client.get(PATH, headers=home.as_("Ben"), params={"feed": feed})
        assert (refused.status_code, refused.json()["field"]) == (422, "feed")
