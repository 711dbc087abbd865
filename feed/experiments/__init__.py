# SPDX-License-Identifier: Apache-2.0
"""Product experiments: what one is, who is in which arm, what its days count up to. Pure.

plan         an experiment as a value          files       the same as a TOML file
metrics      what can be measured              treatments  what an arm changes, as a policy
assignment   a person's arm, by hash           approval    whether a policy admits every arm
tallies      a day's sums, whole numbers       record      all of a run that a report needs
analysis     sums in, effects and harm out

Nothing here reads a database: a run on the feed and one on a simulated population are counted,
judged and told by the same functions.
"""
