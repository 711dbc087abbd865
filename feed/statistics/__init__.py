# SPDX-License-Identifier: Apache-2.0
"""Statistics of an experiment: sums in, a result out. NumPy and SciPy, nothing else.

samples         a mean and its variance, of whole-number sums
adjusting       the same with what people did before taken out: CUPED
effects         the difference of two means at an end that was planned: Welch
sequential      an interval that may be read on any day
spending        looks that were planned: O'Brien and Fleming
harm            evidence of harm that stops an arm on any day: an e-process
multiple        several questions at once: Holm, Benjamini and Hochberg
ratio_mismatch  whether people were split as meant
power           how many people it takes, and how soon harm is seen

Nothing here knows an experiment, a day or a metric: that is feed/experiments/analysis.
"""
