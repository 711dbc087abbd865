# SPDX-License-Identifier: Apache-2.0
"""Experiments on the feed: what feed/experiments says of them, held to the rows that are there.

running    which run now, and which arms are off     places    in which arm somebody is
admission  whether one may start here                switches  start, stop, start again
figures    what exposed people did                   counting  sums, of who has left too
funnels    how far people got                        daybook   its days in the ledger, and a run

An arm reaches people through feed/composing (pages) and engine/trying (plans).
"""
