# SPDX-License-Identifier: Apache-2.0
"""What a person is shown, and how they took it: ideas, ranking, slots, inserts, page, feedback."""
