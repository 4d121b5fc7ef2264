"""Ask the language model, and see what its cache knew of the prompt: the playground."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.inference import GenerateText, Piece, local_engine
from core.inference.local import KnownPrompt
from core.jobs import Priority
from core.use_cases.request import Request
from core.workbench import Workbench

PLAYGROUND = "playground"
MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AskModel(Request["ModelAnswer"]):
    """Go on from this text, drawn anew each time. A prompt that is too long is refused."""

    prompt: str
    max_new_tokens: int = 48


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """`known` is what the cache had of the prompt before; None where another process answers.

    `pieces` come as the model writes them; the last carries the usage. An error comes out of them.
    """

    known: KnownPrompt | None
    pieces: Iterator[Piece]


def ask_model(request: AskModel, principal: Principal, workbench: Workbench) -> ModelAnswer:
    """Raises Invalid for a prompt that is empty or too long, and what the engine raises."""
    principal.require(Permission.CONTRIBUTE)
    if len(request.prompt) > MOST_CHARACTERS:
        raise Invalid(f"The playground takes at most {MOST_CHARACTERS:,} characters.", remedy="Shorten it.")
    asked = GenerateText(
        prompt=request.prompt,
        max_new_tokens=request.max_new_tokens,
        temperature=0.8,
        top_p=0.95,
        tenant=principal.workspace,
        priority=Priority.CRITICAL,
        label=PLAYGROUND,
    )
    local = local_engine(workbench.engine)
    known = None if local is None else local.known(request.prompt, principal.workspace)
    return ModelAnswer(known, workbench.engine.generate(asked))
