# SPDX-License-Identifier: Apache-2.0
"""A portrait that leaves as a file: for its owner alone, and each time on record."""

from generation import photographs
from tests.engine.homes import Home


def test_each_download_is_decided_and_logged_by_itself(home: Home) -> None:
    own, headers = home.portraits("Anna")[0]["id"], home.as_("Anna")
    for _ in range(2):
        before = home.rooms.consent.ledger.head()[0]
        taken = home.client.get(f"/v1/portraits/{own}/download", headers=headers)
        assert taken.status_code == 200
        named = f'attachment; filename="onlyou-{home.portraits("Anna")[0]["scenario"]["id"]}.jpg"'
        assert taken.headers["content-disposition"] == named
        bodies = home.rooms.consent.ledger.bodies()[before:]
        assert [(one["t"], one["step"]) for one in bodies] == [
            ("decision", "view"),
            ("effect", "view"),
        ]


def test_the_label_is_drawn_into_what_leaves(home: Home) -> None:
    own, headers = home.portraits("Anna")[0], home.as_("Anna")
    seen = home.client.get(own["image_url"], headers=headers).content
    taken = home.client.get(f"/v1/portraits/{own['id']}/download", headers=headers).content
    before, after = photographs.kept(seen).astype(int), photographs.kept(taken)
    assert abs(before - after).max() > 60
    answer = home.client.post("/v1/verify", files={"file": ("p.jpg", taken)}).json()
    found = [answer[name] for name in ("c2pa", "watermark", "fingerprint")]
    assert found == ["trusted", "found", "found"]


def test_what_is_destroyed_is_not_taken_away(home: Home) -> None:
    own, headers = home.portraits("Anna")[0]["id"], home.as_("Anna")
    home.client.delete(f"/v1/portraits/{own}", headers=headers)
    gone = home.client.get(f"/v1/portraits/{own}/download", headers=headers)
    assert gone.status_code == 404
