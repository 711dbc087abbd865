# SPDX-License-Identifier: Apache-2.0
"""What an experimenter is told: a run and what its sums say, ready to be shown.

records      where runs come from             suppression  what is too small to be told
charts       where a chart's marks stand      sentences    what was found, in a sentence
report       all that a page shows            told         the same as JSON

Everything here is figures and words; `engine/web` turns them into a page or a file. Nobody is
named but who started or stopped something.
"""
