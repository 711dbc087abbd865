# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from consent.standing import Said
from engine.api.shapes import Enrolled
from tests.engine.homes import Home
from tests.generation import samples

TRUE = {"attest_self": "true", "attest_adult": "true"}


def give(home: Home, name: str, *files: bytes, **fields: str) -> Any:
    return home.client.post(
        "/v1/selfies",
        headers=home.as_(name),
        files=[("file", (f"{n}.jpg", file, "image/jpeg")) for n, file in enumerate(files)],
        data=TRUE | fields,
    )


def test_a_good_photo_is_kept_and_never_shown_back(home: Home) -> None:
    answer = give(home, "Anna", samples.file_of(1, "studio_portrait"))
    assert answer.status_code == 201
    (kept,) = Enrolled.model_validate(answer.json()).items
    assert kept.accepted
    listed = home.client.get("/v1/selfies", headers=home.as_("Anna")).json()["items"]
    assert kept.id in [one["id"] for one in listed]
    assert "image" not in str(listed)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"not a photo", "unreadable"),
        (samples.landscape(), "no-face"),
        (samples.two_people(), "multi-face"),
        (samples.blurred(1), "blurred"),
    ],
)
def test_a_photo_that_will_not_do_is_refused_with_its_reason(
    home: Home, file: bytes, reason: str
) -> None:
    refused = give(home, "Anna", file)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("/image-refused")
    assert refused.json()["reason"] == reason
    assert refused.json()["items"] == [{"accepted": False, "reason": reason}]


def test_one_bad_photo_keeps_the_others_out(home: Home) -> None:
    before = home.client.get("/v1/selfies", headers=home.as_("Anna")).json()
    refused = give(home, "Anna", samples.file_of(1, "studio_portrait"), b"not a photo")
    assert refused.status_code == 422
    assert [item["accepted"] for item in refused.json()["items"]] == [False, False]
    assert home.client.get("/v1/selfies", headers=home.as_("Anna")).json() == before


def test_somebody_else_is_not_taken_for_the_person(home: Home) -> None:
    refused = give(
        home, "Anna", samples.file_of(1, "studio_portrait"), samples.file_of(3, "studio_portrait")
    )
    assert refused.status_code == 422
    assert refused.json()["reason"] == "different-person"


def test_without_both_words_nothing_is_kept(home: Home) -> None:
    refused = give(home, "Anna", samples.file_of(1, "studio_portrait"), attest_adult="false")
    assert refused.status_code == 422
    assert refused.json()["reason"] == "attestation-missing"


def test_without_a_yes_no_photo_is_opened(home: Home) -> None:
    refused = give(home, "Dora", b"not a photo")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("/consent-required")
    assert refused.json()["purpose"] == "likeness"


def test_more_than_the_policy_allows_is_a_quota(home: Home) -> None:
    refused = give(home, "Anna", *[samples.file_of(1, "studio_portrait")] * 10)
    assert refused.status_code == 429
    assert refused.json()["reason"] == "quota"


def test_the_same_upload_under_one_key_is_kept_once(home: Home) -> None:
    headers = home.as_("Anna") | {"Idempotency-Key": "photos"}
    file = samples.file_of(1, "studio_portrait")

    def send() -> Any:
        return home.client.post(
            "/v1/selfies",
            headers=headers,
            files=[("file", ("a.jpg", file, "image/jpeg"))],
            data=TRUE,
        )

    first, again = send(), send()
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    listed = home.client.get("/v1/selfies", headers=home.as_("Anna")).json()["items"]
    assert len(listed) == 2


def test_a_destroyed_selfie_leaves_its_portraits(home: Home) -> None:
    headers = home.as_("Anna")
    own = home.selfie("Anna")
    assert home.client.delete(f"/v1/selfies/{own}", headers=headers).status_code == 204
    assert home.client.get("/v1/selfies", headers=headers).json() == {"items": []}
    picture = home.client.get(home.insert("Anna")["image_url"], headers=headers)
    assert picture.status_code == 200
    assert home.client.delete(f"/v1/selfies/{own}", headers=headers).status_code == 404


def attested(home: Home, name: str) -> Said:
    return home.rooms.consent.attestations.of(home.person(name))


def test_saying_to_be_of_age_and_where_is_kept(home: Home) -> None:
    give(home, "Anna", samples.file_of(1, "studio_portrait"), region="DE")
    assert attested(home, "Anna") == Said(age_band="adult", region="DE")


def test_a_minor_cannot_say_to_be_an_adult_and_a_guardian_can_give_photos(home: Home) -> None:
    anna = home.person("Anna")
    home.rooms.consent.attestations.attest(anna, age_band="minor")
    refused = give(home, "Anna", samples.file_of(1, "studio_portrait"))
    assert (refused.status_code, refused.json()["reason"]) == (403, "age")
    assert attested(home, "Anna").age_band == "minor"
    served = home.serve("Anna", "likeness")["served_id"]
    yes = {"served_id": served, "affirmative": True, "guardian": True}
    said = home.client.put("/v1/consents/likeness", headers=home.as_("Anna"), json=yes)
    assert said.json()["basis"] == "parental"
    photo = samples.file_of(1, "studio_portrait")
    kept = give(home, "Anna", photo, attest_adult="false", attest_guardian="true")
    assert kept.status_code == 201, kept.text


def test_a_guardian_of_nobody_known_to_be_a_minor_is_refused(home: Home) -> None:
    photo = samples.file_of(1, "studio_portrait")
    refused = give(home, "Anna", photo, attest_adult="false", attest_guardian="true")
    assert (refused.status_code, refused.json()["reason"]) == (422, "attestation-missing")
