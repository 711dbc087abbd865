# SPDX-License-Identifier: Apache-2.0
"""Simulated people: a population whose truth is known, for estimates to be held against."""
