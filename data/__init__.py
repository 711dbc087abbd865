# SPDX-License-Identifier: Apache-2.0
"""Data only: policies, notices, scenarios, posts, models. Read through `importlib.resources`."""
