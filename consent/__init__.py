# SPDX-License-Identifier: Apache-2.0
"""Who may do what with whose face; proof of it; keys; sealed bytes. Knows no other room."""
