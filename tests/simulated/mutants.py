# SPDX-License-Identifier: Apache-2.0
"""Mistakes that only a crash, a fault, a clock or somebody else at the same moment can show.

As in `tests.properties.mutants`, each is a few characters of the real code changed, and names the
promise by which it must be found. Mistakes that one person's acts in a row show are there.
"""

from pathlib import Path
from typing import Any

from consent import blobs, committing, database, ledger, reaping, subject_keys, withdrawal
from engine import plans, settings
from tests.properties.mutants import Mutant
from tests.simulated.weather import Options

HARSH = Options(hours=10.0, fail=0.02, crash=0.006, every=1_200.0)
"""More of everything, for what shows only where two things meet."""
UNSURE = Options(hours=16.0, fail=0.06, crash=0.0, every=900.0)
"""Commits that fail one time in seventeen, and nobody who dies of it."""
BUSY = Options(
    hours=3.0, fail=0.0, crash=0.0, every=300.0, work=120.0, reap=20.0, slow=0.5, chaos=300.0
)
"""Many people, and a reaper that is always there: nothing fails but clocks and the order."""


def backward(home: Path) -> None:
    """Prepare a home whose log head may go back."""
    engine = database.connect(settings.read(home).database)
    with engine.begin() as connection:
        for name in ("log_head_forward", "log_head_fixed", "log_head_now"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    engine.dispose()


MUTANTS: tuple[tuple[Mutant, Options], ...] = (
    (
        Mutant(
            name="the clock's time is the ledger's, forward or back",
            of=ledger.Ledger.__init__,
            old='later(log_head.c.now, bindparam("mine", type_=log_head.c.now.type))',
            new='bindparam("mine", type_=log_head.c.now.type)',
            found="I4: time went back",
            loose=backward,
        ),
        Options(),
    ),
    (
        Mutant(
            name="bytes are deleted before it is sure that their rows are",
            of=withdrawal.Withdrawals.withdraw,
            old="\n        self.forget(blobs)\n",
            new="\n            self.forget(blobs)\n",
            found="I9: a row of .* without its bytes",
        ),
        HARSH,
    ),
    (
        Mutant(
            name="the reaper looks once",
            of=reaping.Reaper.reap,
            old=" and now - first >= apart",
            new="",
            found="I9: a row of .* without its bytes",
        ),
        BUSY,
    ),
    (
        Mutant(
            name="a copy that lags is not held to what was signed",
            of=subject_keys.SubjectKeys._refuse_stale,
            old="if size >= signed:",
            new="if size >= 0 * signed:",
            found="I2: a copy that lags opened",
        ),
        Options(hours=6.0, every=600.0, replicas=600.0),
    ),
    (
        Mutant(
            name="a plan that was made is made again",
            of=plans.Plans.recall,
            old="None if outcome is None else",
            new="None if outcome is None or closed is not None else",
            found="I8: a plan that was made was made again",
        ),
        Options(hours=4.0),
    ),
    (
        Mutant(
            name="a commit that failed is told as one that did not",
            of=committing.Committer._lead,
            old="failed = error",
            new='failed = None if any(hasattr(a, "done") for a in group) else error',
            found="I1h: bytes were opened and no view is logged",
        ),
        UNSURE,
    ),
    (
        Mutant(
            name="a store that says no is thought to have said yes",
            of=blobs.ObstoreBlobs.put_all,
            old="with _answering():",
            new="with suppress(Exception), _answering():",
            found="I9: a row of .* without its bytes",
        ),
        HARSH,
    ),
)
"""The catalogue: a mistake, and how bad the world must be for it to show."""
SEEDS: Any = range(1, 13)
"""Tried one after the other until it is found."""
