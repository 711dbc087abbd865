# SPDX-License-Identifier: Apache-2.0
"""Selfies and a scenario in, a private portrait out. `studio` is this room's one entry."""
