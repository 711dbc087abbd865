# SPDX-License-Identifier: Apache-2.0
"""What is being drawn, as pages show it: how far it is, what came of it, and what may follow."""

from collections.abc import Mapping
from typing import Any

from engine.api import portraits
from engine.web.visitors import Visitor

Json = Mapping[str, object]


def shown(viewer: Visitor, job: Json) -> dict[str, Any]:
    """Add to a job its portraits as the album describes them, and whether it goes on."""
    ids = job["portraits"]
    wanted = [str(one) for one in ids] if isinstance(ids, list) else []
    known = {str(one["id"]): one for one in portraits.listed(viewer.rooms, viewer.subject)}
    reasons = job["refusals"]
    refused = [one["reason"] for one in reasons] if isinstance(reasons, list) else []
    blank = {"words": None, "expires_at": None, "quota_left": None}
    return {
        **blank,
        **job,
        "open": job["state"] in {"queued", "running"},
        "pictures": [known[one] for one in wanted if one in known],
        "held": [(reason, refused.count(reason)) for reason in dict.fromkeys(refused)],
    }
