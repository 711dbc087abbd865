# SPDX-License-Identifier: Apache-2.0
"""The pages: a feed, the person's control centre, and a door for development."""
