# SPDX-License-Identifier: Apache-2.0
"""A small typed client of the HTTP API. Needs httpx (`pip install onlyou[client]`) to connect.

Rules:
1. a refusal is raised as `Refused`, with the problem's name and reason
2. every POST carries an `Idempotency-Key`, so that one sent again acts once
3. a withdrawal sends nothing but itself
It works over whatever sends requests as `httpx.Client` does, a test client too, and imports
nothing of the engine but shapes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from engine import client_shapes as shapes
from engine.client_requests import Refused, Requests

__all__ = ["Client", "Refused", "connect"]


class Client(Requests):
    """One person's side of the engine, or what anybody may ask where there is no token."""

    def as_(self, subject: str | None, *scopes: str) -> "Client":
        """Become somebody, where the development issuer is on; nobody for staff scopes."""
        asked = {"subject": subject, "scopes": list(scopes) or None}
        answer = self.send("POST", "/v1/token", once=False, json=asked)
        return Client(self._http, str(answer.json()["access_token"]), self._fresh)

    # --- the feed

    def feed(self, cursor: str | None = None, limit: int | None = None) -> shapes.FeedPage:
        """Read one page."""
        return cast("shapes.FeedPage", self.get("/v1/feed", cursor=cursor, limit=limit))

    def pages(self, limit: int | None = None) -> Iterator[shapes.FeedPage]:
        """Read the feed to its end."""
        page = self.feed(limit=limit)
        yield page
        while "cursor" in page:
            page = self.feed(page["cursor"], limit)
            yield page

    def act(
        self, page: shapes.FeedPage, item: shapes.Item, kind: str, event_id: str | None = None
    ) -> shapes.Acted:
        """Say one thing of one item of a page; with the same `event_id` it is taken once."""
        event = {"event_id": event_id or self._fresh(), "item_id": item["id"], "kind": kind}
        event["context"] = item["context"]
        (done,) = self.interact(page["req_id"], [event])
        return done

    def interact(self, req_id: str, events: Sequence[Mapping[str, object]]) -> list[shapes.Acted]:
        """Say things of items, as the contract has it."""
        body = {"req_id": req_id, "events": list(events)}
        return cast("list[shapes.Acted]", self.post("/v1/interactions", body)["results"])

    def measure(self, req_id: str, events: Sequence[Mapping[str, object]]) -> list[shapes.Acted]:
        """Tell what was in view and how long; refused without the purpose `telemetry`."""
        body = {"req_id": req_id, "events": list(events)}
        return cast("list[shapes.Acted]", self.post("/v1/telemetry", body)["results"])

    # --- portraits

    def portraits(self, limit: int | None = None) -> Iterator[shapes.Portrait]:
        """List every image of mine, newest first, destroyed ones too."""
        return self.items("/v1/portraits", limit)

    def portrait(self, portrait_id: str) -> shapes.Portrait:
        """Describe one image."""
        return cast("shapes.Portrait", self.get(f"/v1/portraits/{portrait_id}"))

    def image(self, portrait_id: str) -> bytes:
        """Look at one portrait."""
        return self.send("GET", f"/v1/portraits/{portrait_id}/image").content

    def download(self, portrait_id: str) -> bytes:
        """Take one portrait away, with its credential inside."""
        return self.send("GET", f"/v1/portraits/{portrait_id}/download").content

    def why(self, portrait_id: str) -> shapes.Why:
        """Say what a portrait rests on."""
        return cast("shapes.Why", self.get(f"/v1/portraits/{portrait_id}/why"))

    def appeal(self, portrait_id: str) -> shapes.Portrait:
        """Have one that is held back judged again."""
        return cast("shapes.Portrait", self.post(f"/v1/portraits/{portrait_id}/appeal", {}))

    def destroy(self, portrait_id: str) -> None:
        """Destroy one portrait with everything that hangs on it."""
        self.send("DELETE", f"/v1/portraits/{portrait_id}")

    # --- selfies

    def selfies(self) -> list[shapes.Selfie]:
        """List my selfies."""
        return cast("list[shapes.Selfie]", self.get("/v1/selfies")["items"])

    def give(self, photos: Sequence[bytes], **said: str) -> list[shapes.Checked]:
        """Give photos of myself; by default they are said to show me, and me to be an adult."""
        said = {"attest_self": "true", "attest_adult": "true"} | said
        files = [("file", ("photo", photo, "application/octet-stream")) for photo in photos]
        answer = self.send("POST", "/v1/selfies", data=said, files=files)
        return cast("list[shapes.Checked]", answer.json()["items"])

    def remove_selfie(self, selfie_id: str) -> None:
        """Destroy one selfie."""
        self.send("DELETE", f"/v1/selfies/{selfie_id}")

    # --- saying yes and no

    def notice(self, purpose: str, language: str | None = None) -> shapes.Notice:
        """Have the words served that a yes must quote."""
        return cast("shapes.Notice", self.get(f"/v1/notices/{purpose}", language=language))

    def grant(self, notice: shapes.Notice, if_match: str | None = None) -> shapes.Consent:
        """Say yes to words that were served; with `if_match` only to what was seen before."""
        return cast(
            "shapes.Consent",
            self.send(
                "PUT",
                f"/v1/consents/{notice['purpose']}",
                json={"served_id": notice["served_id"], "affirmative": True},
                headers={} if if_match is None else {"If-Match": if_match},
            ).json(),
        )

    def consents(self) -> dict[str, shapes.Consent]:
        """Say where I stand, purpose by purpose."""
        return {one["purpose"]: one for one in self.get("/v1/consents")["items"]}

    def withdraw(self, purpose: str) -> shapes.Receipt:
        """Say no. What was made is gone when this returns."""
        return cast("shapes.Receipt", self.send("DELETE", f"/v1/consents/{purpose}").json())

    def receipt(self, purpose: str) -> shapes.Receipt:
        """Prove my last word on a purpose."""
        return cast("shapes.Receipt", self.get(f"/v1/consents/{purpose}/receipt"))

    def pause(self, until: str) -> shapes.Pause:
        """Pause everything until a time."""
        return cast("shapes.Pause", self.post("/v1/pause", {"until": until}))

    def resume(self) -> shapes.Pause:
        """End a pause."""
        answer = self.send("POST", "/v1/pause", json={"until": None})
        return cast("shapes.Pause", answer.json())

    def paused(self) -> shapes.Pause:
        """Say whether everything is paused."""
        return cast("shapes.Pause", self.get("/v1/pause"))

    def erase(self) -> shapes.Certificate:
        """Have everything of mine destroyed, for good."""
        return cast("shapes.Certificate", self.post("/v1/erasure", {"confirm": "erase"}))

    # --- the studio

    def imagine(self, **wanted: object) -> shapes.Job:
        """Ask for one portrait: `scenario`, `choices`, `prompt`, `form`, or nothing."""
        return cast("shapes.Job", self.post("/v1/imagine", wanted))

    def pack(self, styles: Sequence[str], count: int, **wanted: object) -> shapes.Job:
        """Ask for a pack of avatars."""
        body = {"styles": list(styles), "count": count, **wanted}
        return cast("shapes.Job", self.post("/v1/packs", body))

    def jobs(self) -> Iterator[shapes.Job]:
        """List what I asked for, newest first."""
        return self.items("/v1/jobs")

    def job(self, job_id: str) -> shapes.Job:
        """Say how far one is."""
        return cast("shapes.Job", self.get(f"/v1/jobs/{job_id}"))

    def stop_job(self, job_id: str) -> None:
        """Stop one."""
        self.send("DELETE", f"/v1/jobs/{job_id}")

    # --- sharing, the only way out

    def share(self, portrait_id: str, audience: str) -> shapes.Share:
        """Show a portrait to `friends` or in a `story`. Calling this is the confirmation."""
        way = "story" if audience == "story" else "share"
        body = {"audience": audience, "confirm": True}
        return cast("shapes.Share", self.post(f"/v1/portraits/{portrait_id}/{way}", body))

    def profile_picture(self, portrait_id: str) -> shapes.Job:
        """Have a new portrait made as my profile picture. Calling this is the confirmation."""
        path = f"/v1/portraits/{portrait_id}/profile-picture"
        return cast("shapes.Job", self.post(path, {"confirm": True}))

    def shares(self) -> list[shapes.Share]:
        """List my shares and those that I may see."""
        return cast("list[shapes.Share]", self.get("/v1/shares")["items"])

    def unshare(self, share_id: str) -> None:
        """End a share of mine."""
        self.send("DELETE", f"/v1/shares/{share_id}")

    def befriend(self, person: str) -> None:
        """Name a friend; it counts where both name each other."""
        self.send("PUT", f"/v1/friends/{person}")

    def unfriend(self, person: str) -> None:
        """Take it back."""
        self.send("DELETE", f"/v1/friends/{person}")

    # --- wishes, reports, and what is mine

    def preferences(self) -> shapes.Preferences:
        """Say what I want less of."""
        return cast("shapes.Preferences", self.get("/v1/preferences"))

    def prefer(self, per_week: int | None, blocked_themes: Sequence[str]) -> shapes.Preferences:
        """Change it; the policy's own limit stays."""
        body = {"per_week": per_week, "blocked_themes": list(blocked_themes)}
        return cast("shapes.Preferences", self.send("PUT", "/v1/preferences", json=body).json())

    def report(self, item_id: str, why: str | None = None) -> shapes.Report:
        """Report an item."""
        return cast("shapes.Report", self.post("/v1/reports", {"item_id": item_id, "why": why}))

    def reports(self) -> list[shapes.Report]:
        """List what I reported, and the answers."""
        return cast("list[shapes.Report]", self.get("/v1/reports")["items"])

    def export(self) -> bytes:
        """Take everything of mine along, as a zip."""
        return self.send("GET", "/v1/export").content

    # --- the log, and pictures anywhere

    def own_entries(self, limit: int | None = None) -> Iterator[shapes.Proved]:
        """List what the log holds about me, each with its proof."""
        return self.items("/v1/ledger/me", limit)

    def checkpoint(self) -> str:
        """Read the log's signed head."""
        return self.send("GET", "/v1/ledger/checkpoint").content.decode()

    def verify(self, picture: bytes) -> shapes.Marks:
        """Ask which marks of this installation a picture bears."""
        files = [("file", ("picture", picture, "application/octet-stream"))]
        return cast("shapes.Marks", self.send("POST", "/v1/verify", files=files).json())


def connect(url: str, token: str | None = None, timeout: float = 30.0) -> Client:
    """Connect over the network. Units: timeout in seconds."""
    import httpx  # noqa: PLC0415  an extra: whoever only imports shapes does not need it

    return Client(httpx.Client(base_url=url, timeout=timeout), token)
