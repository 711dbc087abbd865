# SPDX-License-Identifier: Apache-2.0
"""Embed what is to be drawn: once a scenario, and then the text encoder may go.

Rules:
1. Each prompt is embedded alone, so that its numbers do not depend on what else is drawn here.
2. What is kept is a scenario's, never a person's: `Texts` holds nothing personal. Words that
   somebody chose themselves are embedded for one pass, and kept by nobody.
3. The words round a prompt are written here. A chat template is a program, and none is run that
   comes with weights.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from generation.recipes import CannotRender, Row
from generation.recipes.recalling import Recalled

#: Qwen3's turn of one user without thinking, as its published chat template writes it
TEMPLATE: Final = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' "
    "+ message['content'] + '<|im_end|>\\n' }}{% endfor %}"
    "{{ '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' }}"
)
#: follows every prompt, or the reference would be one person and the picture another
WHO: Final = "The person is the one of the reference photograph, with the same face."


class Texts:
    """Every scenario's words as the network reads them. Shapes: each (1, words, wide)."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._found = dict(found)

    def of(self, scenarios: Sequence[str]) -> Any:  # noqa: ANN401 - torch has no types for us
        """Return the words of several scenarios, one a row. Errors: CannotRender."""
        import torch  # noqa: PLC0415 - an extra

        return torch.cat([self.one(name) for name in scenarios])

    def one(self, scenario: str) -> Any:  # noqa: ANN401
        """Return a scenario's words. Errors: CannotRender."""
        if scenario not in self._found:
            raise CannotRender(f"no prompt for the scenario {scenario!r}")
        return self._found[scenario]


def embed(pipeline: Any, prompts: Mapping[str, str], *, words: int) -> Texts:  # noqa: ANN401
    """Embed every prompt; what is kept lies in the machine's memory, not on the card."""
    pipeline.tokenizer.chat_template = TEMPLATE
    return Texts({name: _read(pipeline, prompts[name], words) for name in sorted(prompts)})


def of_rows(texts: Texts, encoders: Recalled, rows: Sequence[Row], *, words: int) -> Any:  # noqa: ANN401
    """Return each row's words: its own where it has some, else its scenario's.

    Shapes: (rows, words, wide). Errors: CannotRender.
    """
    import torch  # noqa: PLC0415

    own = _own(encoders, {row.words for row in rows if row.words is not None}, words)
    return torch.cat(
        [texts.one(row.scenario) if row.words is None else own[row.words] for row in rows]
    )


def _own(encoders: Recalled, found: Collection[str], words: int) -> dict[str, Any]:
    """Embed people's own words, each alone."""
    if not found:
        return {}
    with encoders.at_work() as pipeline:
        pipeline.tokenizer.chat_template = TEMPLATE
        return {one: _read(pipeline, one, words) for one in found}


def _read(pipeline: Any, prompt: str, words: int) -> Any:  # noqa: ANN401
    import torch  # noqa: PLC0415

    with torch.no_grad():
        embedded, _ = pipeline.encode_prompt(prompt=f"{prompt}. {WHO}", max_sequence_length=words)
    return embedded.cpu()


def drop_encoder(pipeline: Any) -> None:  # noqa: ANN401
    """Let the text encoder and its tokenizer go: from here on, words come from `Texts`."""
    for name in ("text_encoder", "tokenizer"):
        setattr(pipeline, name, None)
