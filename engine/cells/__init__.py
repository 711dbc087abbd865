# SPDX-License-Identifier: Apache-2.0
"""Cells: people spread over a fixed number of logs, and those logs over places that change.

shard  one whole log of its own: origin `<origin>/shard-03`, database, keys, sealed bytes
cell   a place that holds shards: a database server and an object store, say
home   the front: `cells.toml`, the directory of which cell holds which shard, and the key that
       signs over all shards' heads
Every transaction is about one person, so nothing is ever done over two shards at once.
"""
