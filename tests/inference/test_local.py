"""The model in this process: loads beside, waits for nobody, and answers out of its cache."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.inference.engine import GenerateText, Message, answer
from core.inference.errors import DeadlinePassed, EngineError, EngineUnavailable, ModelMissing, PromptTooLong
from core.inference.local import Local, LocalModel
from kvcache.request_log import RequestRecord
from tests.fakes.small_model import write_small_model
from tests.fakes.waiting import wait_until

QUESTION, SAID = "Where is Paris?", "Paris lies on the Seine, in the north of France."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_model(tmp_path_factory.mktemp("model"), [(QUESTION, SAID)])


@pytest.fixture
def engine(folder: Path, tmp_path: Path) -> Iterator[Local]:
    engine = Local(settings_of(folder, tmp_path))
    yield engine
    engine.close()


def settings_of(folder: Path, state_dir: Path) -> LocalModel:
    return LocalModel(folder=folder, state_dir=state_dir, device_mb=8, host_mb=8, disk_mb=16, block_tokens=16)


def test_the_first_question_waits_for_the_model_and_is_answered(engine: Local) -> None:
    engine.start()
    said = answer(engine, GenerateText(prompt=QUESTION, max_new_tokens=100))
    assert (said.text, said.usage.finish_reason) == (SAID, "stop")
    assert engine.health().state == "healthy"


def test_a_chat_is_put_into_the_template_of_the_model(engine: Local) -> None:
    said = answer(engine, GenerateText(prompt=(Message("user", QUESTION),), max_new_tokens=100))
    assert said.text == SAID


def test_special_tokens_in_a_text_are_only_text(engine: Local) -> None:
    plain = engine.count_tokens("<|assistant|>")
    chat = engine.count_tokens((Message("user", "<|assistant|>"),))
    assert plain == len("<|assistant|>")
    assert chat > plain


def test_a_question_that_comes_again_is_cached_also_after_a_restart(folder: Path, tmp_path: Path) -> None:
    request = GenerateText(prompt=QUESTION * 4, max_new_tokens=8)
    texts = []
    for expected in (0, 48):
        engine = Local(settings_of(folder, tmp_path))
        said = answer(engine, request)
        texts.append(said.text)
        assert said.usage.cached_tokens == expected
        engine.close()
    assert texts[0] == texts[1]


def test_tenants_share_no_blocks(engine: Local) -> None:
    for tenant in ("ann", "bob"):
        said = answer(engine, GenerateText(prompt=QUESTION * 4, max_new_tokens=4, tenant=tenant))
        assert said.usage.cached_tokens == 0


def test_a_cancelled_answer_ends_with_what_came_so_far(engine: Local) -> None:
    given: list[str] = []
    pieces = engine.generate(
        GenerateText(prompt=QUESTION, max_new_tokens=100), is_cancelled=lambda: len(given) >= 3
    )
    for piece in pieces:
        given.append(piece.text)
        usage = piece.usage
    assert usage is not None
    assert usage.finish_reason == "cancelled"
    assert SAID.startswith("".join(given))


def test_an_answer_that_is_computed_before_it_is_read_can_be_cancelled_all_the_same(engine: Local) -> None:
    given: list[str] = []
    request = GenerateText(prompt=QUESTION, max_new_tokens=20, label="test")
    ended: list[RequestRecord] = []
    engine.subscribe(ended.append)
    for piece in engine.generate(request, is_cancelled=lambda: len(given) >= 3):
        wait_until(lambda: bool(ended))
        given.append(piece.text)
    assert piece.usage is not None
    assert piece.usage.finish_reason == "cancelled"
    assert len(given) == 4
    assert [(record.label, record.outcome, record.new_tokens) for record in ended] == [
        ("test", "answered", 20)
    ]


def test_announced_prompts_are_known_to_the_cache(engine: Local) -> None:
    request = GenerateText(prompt=QUESTION * 4, max_new_tokens=4)
    engine.announce([request])
    answer(engine, GenerateText(prompt=QUESTION, max_new_tokens=4))
    engine.announce([request])
    engine.withdraw([request])
    assert engine.cache_snapshots()["cpu"].requested_tokens > 0


def test_the_likelier_continuation_scores_higher(engine: Local) -> None:
    scores = engine.score(GenerateText(prompt=QUESTION, max_new_tokens=1), ["Paris lies", "zzzzzzzzzz"])
    assert scores is not None
    assert scores[0] > scores[1]


def test_a_prompt_that_is_too_long_is_refused_or_cut_as_asked(engine: Local) -> None:
    with pytest.raises(PromptTooLong, match="at most"):
        answer(engine, GenerateText(prompt="x" * 500, max_new_tokens=10))
    cut = answer(engine, GenerateText(prompt="x" * 500, max_new_tokens=10, may_truncate=True))
    assert cut.usage.truncated_tokens == 310


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    engine = Local(settings_of(tmp_path / "nothing", tmp_path))
    assert engine.health().state == "warning"
    with pytest.raises(ModelMissing, match="model_folder"):
        answer(engine, GenerateText(prompt=QUESTION))
    assert engine.health().state == "unhealthy"
    engine.close()


def test_a_request_whose_time_is_up_before_the_model_is_there_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    engine = Local(settings_of(folder, tmp_path))
    with pytest.raises((EngineUnavailable, DeadlinePassed)):
        answer(engine, GenerateText(prompt=QUESTION, deadline_seconds=1e-6))
    engine.close()


def test_a_closed_engine_refuses(folder: Path, tmp_path: Path) -> None:
    engine = Local(settings_of(folder, tmp_path))
    answer(engine, GenerateText(prompt=QUESTION, max_new_tokens=2))
    engine.close()
    engine.close()
    with pytest.raises(EngineError):
        answer(engine, GenerateText(prompt=QUESTION, max_new_tokens=2))


def test_two_replicas_answer_alike_and_a_prompt_goes_where_its_prefix_is(
    folder: Path, tmp_path: Path
) -> None:
    engine = Local(replace(settings_of(folder, tmp_path), device="cpu,cpu"))
    request = GenerateText(prompt=QUESTION * 4, max_new_tokens=8)
    texts = {answer(engine, request).text for _ in range(6)}
    assert len(texts) == 1
    counts = [each.requested_tokens for each in engine.cache_snapshots().values()]
    assert sorted(counts)[0] == 0, "equal beginnings meet"
    assert engine.health().state == "healthy"
    engine.close()
    assert (tmp_path / "kvcache_1").is_dir()


def test_the_secret_is_drawn_once_and_readable_by_its_owner_only(folder: Path, tmp_path: Path) -> None:
    drawn = []
    for _ in range(2):
        engine = Local(settings_of(folder, tmp_path))
        engine.identity()
        engine.close()
        drawn.append((tmp_path / "kvcache.secret").read_bytes())
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 32
    assert stat.S_IMODE((tmp_path / "kvcache.secret").stat().st_mode) == 0o600


def test_the_identity_changes_with_the_weights(folder: Path, tmp_path: Path) -> None:
    other = write_small_model(tmp_path / "other", [("a", "b")])
    engines = [
        Local(settings_of(place, tmp_path / str(number)))
        for number, place in enumerate((folder, folder, other))
    ]
    digests = [engine.identity().fingerprint for engine in engines]
    for engine in engines:
        engine.close()
    assert digests[0] == digests[1] != digests[2]
