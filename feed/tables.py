# SPDX-License-Identifier: Apache-2.0
"""The feed's tables, on consent's metadata so that a withdrawal finds and takes what hangs on it.

`feed_insert` has no viewer column: its viewer is its subject. What a person did with inserts
hangs on the basis of the inserts, what may be learned from it on that of personalisation.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from consent.tables import (
    OBJECT,
    asset,
    effect_table,
    foreign,
    metadata,
    number,
    of_subject,
    one_of,
    raw,
    text,
)
from consent.words import Step
from feed.slots import Neighbour

__all__ = [
    "arm_stop",
    "arm_sum",
    "asset",
    "blocked_theme",
    "decision",
    "decision_part",
    "experiment",
    "experiment_day",
    "exposure",
    "feed_act",
    "feed_event",
    "feed_insert",
    "feed_listed",
    "feed_share",
    "feed_view",
    "friendship",
    "learned",
    "post",
    "post_act",
    "predicted",
    "preference",
    "report",
    "share_view",
]

feed_insert = effect_table(
    "feed_insert", Step.INSERT, text("scenario"), number("expires_at"), under="asset"
)
feed_view = effect_table("feed_view", Step.VIEW, under="feed_insert", once=False)
learned = effect_table(
    "learned", Step.LEARN, text("kind"), text("scenario"), number("ms", nullable=True)
)
"""What may be learned of a person: acts under `personalisation`, looks under `telemetry` (`ms` is
how long one lasted)."""

feed_share = effect_table(
    "feed_share",
    Step.SHARE,
    number("share"),
    text("audience"),
    number("ends_at", nullable=True),
    number("made_for", nullable=True),
    UniqueConstraint("share"),
    UniqueConstraint("share", "object", "subject"),
    CheckConstraint(
        "(audience = 'friends' AND purpose = 'share') "
        "OR (audience = 'story' AND purpose = 'story') "
        "OR (audience = 'profile' AND purpose = 'profile_picture')",
        name="audience",
    ),
    CheckConstraint("(audience = 'profile') = (made_for IS NOT NULL)", name="made_for"),
    CheckConstraint("made_for IS NULL OR made_for = epoch", name="made_under"),
    CheckConstraint("(audience = 'story') = (ends_at IS NOT NULL)", name="ends"),
    foreign(("object", "subject"), "asset", ("object", "subject"), cascade=True),
    foreign(
        ("object", "subject", "purpose", "made_for"),
        "asset",
        OBJECT,
        cascade=True,
        name="fk_feed_share_made_for",
    ),
)
"""A portrait that its owner shows to others. It hangs on the portrait and on a basis of its own:
either withdrawal ends it. `made_for` holds a profile picture to a portrait made as one."""
share_view = effect_table(
    "share_view",
    Step.VIEW,
    number("share"),
    foreign(
        ("share", "object", "subject"),
        "feed_share",
        ("share", "object", "subject"),
        cascade=True,
    ),
    Index("ix_share_view_share", "share"),
    under="asset",
    once=False,
)
"""A look by somebody of a share's audience; who looked is not written down."""
friendship = of_subject(
    "friendship",
    number("friend"),
    number("at"),
    PrimaryKeyConstraint("subject", "friend"),
    foreign(("friend",), "subject", ("id",), cascade=True, name="fk_friendship_friend"),
    Index("ix_friendship_friend", "friend"),
    under_basis=False,
)
"""Whom a person names as a friend. It counts where both name each other."""
preference = of_subject(
    "preference",
    Column("per_week", Integer, nullable=True),
    PrimaryKeyConstraint("subject"),
    under_basis=False,
)
"""How many inserts a week a person wants at most; never more than the policy allows."""
blocked_theme = of_subject(
    "blocked_theme",
    text("theme"),
    number("at"),
    PrimaryKeyConstraint("subject", "theme"),
    under_basis=False,
)
"""What a person does not want to be drawn as."""
report = of_subject(
    "report",
    number("id"),
    number("item"),
    text("about"),
    text("why", nullable=True),
    number("at"),
    number("due_at"),
    text("outcome", nullable=True),
    number("answered_at", nullable=True),
    PrimaryKeyConstraint("id"),
    under_basis=False,
)
"""What a person reported, by when it must be answered, and what the answer was."""

feed_listed = of_subject(
    "feed_listed",
    number("object"),
    text("scenario"),
    number("at"),
    PrimaryKeyConstraint("subject", "object"),
)
"""When an insert first stood on a page. Outlives the insert: caps count what was shown."""

feed_act = of_subject(
    "feed_act",
    text("event"),
    number("item"),
    text("kind"),
    number("at"),
    number("lesson"),
    number("page", nullable=True),
    PrimaryKeyConstraint("subject", "event"),
)
"""What a person did with an insert; `lesson` names the row of `learned` made of it, if any, and
`page` the page of the feed that it was said on, where that is known."""

post_act = of_subject(
    "post_act",
    text("event"),
    number("item"),
    text("kind"),
    number("at"),
    number("page", nullable=True),
    PrimaryKeyConstraint("subject", "event"),
    under_basis=False,
)
feed_event = of_subject(
    "feed_event",
    text("event"),
    number("at"),
    PrimaryKeyConstraint("subject", "event"),
    under_basis=False,
)
"""Which events were taken, nothing else: a repeated one must be known even after a withdrawal."""

decision = of_subject(
    "decision",
    number("id"),
    number("at"),
    text("scenario", nullable=True),
    Column("propensity", Double, nullable=False),
    Column("value", Double, nullable=False),
    Column("eligible", Integer, nullable=False),
    text("eligible_sha256"),
    text("model_sha256"),
    text("policy_sha256"),
    Column("temperature", Double, nullable=False),
    Column("exploration", Double, nullable=False),
    text("run_key"),
    text("draw_key"),
    Column("day", Integer, nullable=False),
    Column("personalised", Boolean, nullable=False),
    PrimaryKeyConstraint("id"),
)
"""One choice of the ranking; its id is that of the request it led to."""

decision_part = of_subject(
    "decision_part",
    number("decision"),
    text("feature"),
    Column("effect", Double, nullable=False),
    PrimaryKeyConstraint("decision", "feature"),
    foreign(("decision",), "decision", ("id",), cascade=True),
)
"""What a choice was made of. Its basis is the one it is known under: a part that rests on what a
person did hangs on `personalisation` and goes with it."""

experiment = Table(
    "experiment",
    metadata,
    text("id", primary_key=True),
    text("plan"),
    text("content"),
    number("seq"),
    text("t", server_default="experiment.start"),
    number("started_at"),
    one_of("t", ("experiment.start",)),
    foreign(("seq", "t"), "entry", cascade=False),
)
"""An experiment that was started on the feed; `plan` is the SHA-256 of its `content`."""
arm_stop = Table(
    "arm_stop",
    metadata,
    text("experiment"),
    text("arm"),
    number("seq"),
    text("t", server_default="experiment.stop"),
    Column("day", Integer, nullable=False),
    number("at"),
    text("why"),
    Column("value", Double, nullable=False),
    text("by", nullable=True),
    number("lifted_seq", nullable=True),
    PrimaryKeyConstraint("seq"),
    one_of("t", ("experiment.stop",)),
    foreign(("experiment",), "experiment", ("id",), cascade=False),
    foreign(("seq", "t"), "entry", cascade=False),
    foreign(("lifted_seq",), "entry", ("seq",), cascade=False, name="fk_arm_stop_lifted"),
)
"""The switch: an arm that is off, or the whole experiment (`arm` empty), until a start lifts it.
It is its entry's row."""
exposure = effect_table(
    "exposure",
    Step.LEARN,
    text("experiment"),
    text("arm"),
    Column("day", Integer, nullable=False),
    number("inserts", nullable=True),
    CheckConstraint("purpose = 'experiment'", name="purpose"),
    UniqueConstraint("subject", "experiment"),
    foreign(("experiment",), "experiment", ("id",), cascade=False),
)
"""Where somebody's feed first differed by their arm, once an experiment. `inserts` is the epoch of
their basis for inserts then: without it they turned portraits off since."""
arm_sum = Table(
    "arm_sum",
    metadata,
    text("experiment"),
    text("arm"),
    text("what"),
    number("n"),
    PrimaryKeyConstraint("experiment", "arm", "what"),
    foreign(("experiment",), "experiment", ("id",), cascade=False),
)
"""Sums that outlive people's rows: who turned portraits off, who left, what those had done."""
experiment_day = Table(
    "experiment_day",
    metadata,
    text("experiment"),
    Column("day", Integer, nullable=False),
    number("seq"),
    text("t", server_default="aggregate"),
    PrimaryKeyConstraint("experiment", "day"),
    one_of("t", ("aggregate",)),
    foreign(("experiment",), "experiment", ("id",), cascade=False),
    foreign(("seq", "t"), "entry", cascade=False),
)
"""Which aggregate of the ledger holds a day's tally."""
predicted = of_subject(
    "predicted",
    number("decision"),
    text("model_sha256"),
    Column("engage", Double, nullable=True),
    Column("fewer", Double, nullable=True),
    Column("report", Double, nullable=True),
    Column("withdrawal", Double, nullable=True),
    raw("chances"),
    PrimaryKeyConstraint("decision", "model_sha256"),
    foreign(("decision",), "decision", ("id",), cascade=True),
)
"""What a model foretold of a choice, the one in charge and any apprentice: the four heads for what
was chosen, and its lottery over all actions (float32, in the catalogue's order)."""

post = Table(
    "post",
    metadata,
    number("id", primary_key=True),
    text("author"),
    text("text"),
    text("picture", nullable=True),
    text("alt", nullable=True),
    text("neighbour"),
    number("created_at"),
    one_of("neighbour", Neighbour),
    Index("ix_post_created_at", "created_at", "id"),
)
"""A post of the synthetic population; nobody's data."""
