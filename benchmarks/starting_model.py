# SPDX-License-Identifier: Apache-2.0
"""Make `data/models/ranking.json` anew: `python benchmarks/starting_model.py`."""

from pathlib import Path

from feed import scenarios, synthetic, training

SEED = 7
ROWS = 30_000


def model_file() -> str:
    """Train the starting model on the synthetic log."""
    log = synthetic.log(scenarios.shipped().scenarios, rows=ROWS, seed=SEED)
    return training.fit(log, source="feed/synthetic.py", seed=SEED)


if __name__ == "__main__":
    target = Path(__file__).parents[1] / "data" / "models" / "ranking.json"
    target.write_text(model_file(), "utf-8")
    print(f"wrote {target.name}, {target.stat().st_size} bytes")
