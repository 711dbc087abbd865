# SPDX-License-Identifier: Apache-2.0
"""Embed what is to be drawn: once a scenario, and then the text encoder may go.

Rules:
1. Each prompt is embedded alone, so that its numbers do not depend on what else is drawn here.
2. A prompt is a scenario's, never a person's: these tensors hold nothing personal.
3. The words round a prompt are written here. A chat template is a program, and none is run that
   comes with weights.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from generation.recipes import CannotRender

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

        if unknown := [name for name in scenarios if name not in self._found]:
            raise CannotRender(f"no prompt for the scenario {unknown[0]!r}")
        return torch.cat([self._found[name] for name in scenarios])


def embed(pipeline: Any, prompts: Mapping[str, str], *, words: int) -> Texts:  # noqa: ANN401
    """Embed every prompt; what is kept lies in the machine's memory, not on the card."""
    import torch  # noqa: PLC0415

    pipeline.tokenizer.chat_template = TEMPLATE
    found = {}
    with torch.no_grad():
        for name, prompt in sorted(prompts.items()):
            embedded, _ = pipeline.encode_prompt(
                prompt=f"{prompt}. {WHO}", max_sequence_length=words
            )
            found[name] = embedded.cpu()
    return Texts(found)


def drop_encoder(pipeline: Any) -> None:  # noqa: ANN401
    """Let the text encoder and its tokenizer go: from here on, words come from `Texts`."""
    for name in ("text_encoder", "tokenizer"):
        setattr(pipeline, name, None)
