# SPDX-License-Identifier: Apache-2.0
"""What an experimenter is told: a run and what its sums say, ready to be shown.

records      where runs come from             reports      each worked out once
suppression  what is too small to be told     cleared      a run without it
sentences    what was found, in a sentence    figures      numbers as a reader reads them
charts       where a chart's marks stand      rows         what its tables say
report       all that a page shows            told         the same as JSON
power        how many people it takes

Everything here is figures and words; `engine/web` turns them into a page or a file. Nobody is
named but who started or stopped something.
"""
