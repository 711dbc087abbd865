# SPDX-License-Identifier: Apache-2.0
"""Product experiments: what one is, who is in which arm, what its days count up to. Pure.

plan         an experiment as a value          files        the same as a TOML file (decoding)
soundness    what is wrong with one            approval     whether a policy admits every arm
metrics      what can be measured              treatments   what an arm changes, as a policy
assignment   a person's arm, by hash           logged       a run as the ledger tells it
tallies      a day's sums, whole numbers       tallying     the same out of a log of exposures
record       all of a run for a report         records      plans and runs as JSON
analysis     sums in, effects and harm out     readings     what it says

Of an analysis: `ends` up to when an arm is read, `splits`, `estimates`, `looks`, `harms`.

Nothing here reads a database: a run on the feed and one on a simulated population are counted,
judged and told by the same functions.
"""
