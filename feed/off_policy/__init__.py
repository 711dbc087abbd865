# SPDX-License-Identifier: Apache-2.0
"""Value a ranker by the log of another one: what would it have been worth? Pure.

logs         decisions as columns, and which of them say nothing
honesty      was it drawn with the chances it keeps?
lotteries    what a ranker would have drawn with
rewards      what came of a decision, priced by the policy
weights      how much more likely the target was to do what was done; what the log cannot know
estimators   IPS, SNIPS and the doubly robust one, as a value with a part for every decision
direct       what an action would have brought, foretold without having seen that person
intervals    how far off it may be, people being the units, not decisions
evaluation   all of it: one row of a report, and whether one ranker beats another

Nothing here reads a database; nothing here says that one thing caused another beyond the reward
that was logged for it.
"""
