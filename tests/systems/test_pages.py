# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from consent import policies
from tests.systems import pages


def test_every_policy_has_its_story_its_page_and_its_picture() -> None:
    here = Path(__file__).parent
    assert set(pages.STORIES) == set(policies.names())
    for name, module in pages.STORIES.items():
        assert (here / f"test_{module}.py").exists()
        assert f"../img/systems/{name}.jpg" in pages.kept(name).read_text("utf-8")
        assert (pages.DOCS / "img" / "systems" / f"{name}.jpg").exists()


def test_one_page_leads_to_all() -> None:
    assert pages.kept("README").read_text("utf-8") == pages.index()
