# SPDX-License-Identifier: Apache-2.0
"""Composes the rooms and runs them. `engine/cycle.py` is the file to read first."""
