# SPDX-License-Identifier: Apache-2.0
"""Simulated people: a population whose truth is known, so that estimates can be held against it."""
