# SPDX-License-Identifier: Apache-2.0
"""Where the marks of a chart stand: numbers and paths only, in units of a drawing 350 wide.

scales    values to places, ticks, labels that do not touch
evidence  e-values over days, on a log axis        bands        intervals over days
history   who ran when                             reliability  foretold and observed
swings    an effect under other assumptions        ranges       estimates with their intervals

Colour is a class and never alone: an arm's line is dashed in its own way, its end has its own
shape, its name stands beside it.
"""
