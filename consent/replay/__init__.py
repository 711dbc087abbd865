# SPDX-License-Identifier: Apache-2.0
"""What another policy would have said: a verified history, replayed.

`loading` reads a bundle into columns (`recorded`, written by `recorder`), `run` replays them.
"""
