"""The model in this process: loads beside, waits for nobody, and answers out of its cache."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from core.errors import Conflict, Invalid
from core.inference.cache_tuning import CacheTuning
from core.inference.engine import GenerateText, Message, answer
from core.inference.errors import DeadlinePassed, EngineError, EngineUnavailable, ModelMissing, PromptTooLong
from core.inference.local import Local, LocalModel
from kvcache.request_log import RequestRecord
from tests.fakes.small_model import write_small_model
from tests.fakes.waiting import wait_until

SMALL = CacheTuning(device_mb=8, host_mb=8, disk_mb=16, prefetch_mb=8)
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
    return LocalModel(folder=folder, state_dir=state_dir, block_tokens=16, tuning=SMALL)


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


def test_what_is_known_of_a_prompt_is_told_token_by_token(engine: Local) -> None:
    text = f"{QUESTION * 3} ñandú 🐦 end"
    before = engine.known(text, "ann")
    assert "".join(before.pieces) == text
    assert len(before.pieces) == engine.count_tokens(text)
    assert before.places == ()
    answer(engine, GenerateText(prompt=text, max_new_tokens=2, tenant="ann"))
    wait_until(lambda: bool(engine.known(text, "ann").places))
    after = engine.known(text, "ann")
    assert after.places == ("device",) * (len(after.pieces) // after.block_tokens)
    assert len(after.places) > 0
    assert engine.known(text, "bob").places == ()


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


def test_an_engine_goes_on_by_another_tuning_with_all_it_had(engine: Local) -> None:
    request = GenerateText(prompt=QUESTION * 4, max_new_tokens=8)
    first = answer(engine, request)
    assert engine.tuning() == SMALL
    other = replace(SMALL, policy="lru", device_mb=1, host_mb=0, disk_form="raw", write="write-through")
    engine.tune(replace(other, max_waiting=7, max_batch=2))
    assert engine.tuning() == replace(other, max_waiting=7, max_batch=2)
    snapshot = engine.cache_snapshots()["cpu"]
    assert (snapshot.index.policy, set(snapshot.levels), snapshot.write_pattern) == (
        "lru",
        {"disk raw"},
        "write-through",
    )
    again = answer(engine, request)
    assert (again.text, again.usage.cached_tokens) == (first.text, 48)


def test_a_tuning_given_before_the_model_is_loaded_waits_for_it(folder: Path, tmp_path: Path) -> None:
    engine = Local(settings_of(folder, tmp_path))
    engine.tune(replace(SMALL, policy="arc", host_mb=0))
    assert not engine.cache_snapshots()
    engine.start()
    engine.tune(replace(SMALL, policy="slru", host_mb=0))
    engine.identity()
    snapshot = engine.cache_snapshots()["cpu"]
    assert (snapshot.index.policy, list(snapshot.levels)) == ("slru", ["disk split"])
    engine.close()


def test_more_memory_than_there_is_free_is_refused(folder: Path, tmp_path: Path) -> None:
    engine = Local(settings_of(folder, tmp_path), free_memory_bytes=lambda: 100 << 20)
    with pytest.raises(Invalid, match="device_mb"):
        engine.tune(replace(SMALL, host_mb=90))
    engine.identity()
    with pytest.raises(Invalid, match="device_mb"):
        engine.tune(replace(SMALL, prefetch_mb=90))
    engine.tune(replace(SMALL, host_mb=80))
    with pytest.raises(Invalid, match="100 MiB are free"):
        engine.start_trial(SMALL)
    assert engine.trial() is None
    assert engine.tuning() == replace(SMALL, host_mb=80)
    engine.close()


def test_a_tuning_that_one_replica_cannot_have_changes_none(folder: Path, tmp_path: Path) -> None:
    engine = Local(
        replace(settings_of(folder, tmp_path), device="cpu,cpu"), free_memory_bytes=lambda: 1 << 60
    )
    engine.identity()
    engine.tune(replace(SMALL, disk_mb=0))
    (tmp_path / "kvcache").rename(tmp_path / "before")
    before = engine.cache_snapshots()
    (tmp_path / "kvcache_1").rename(tmp_path / "before_1")
    (tmp_path / "kvcache_1").write_text("no folder")
    for impossible in (SMALL, replace(SMALL, disk_mb=0, device_mb=1_048_576)):
        with pytest.raises(Invalid):
            engine.tune(impossible)
        assert engine.cache_snapshots() == before
        assert engine.tuning() == replace(SMALL, disk_mb=0)
    (tmp_path / "kvcache_1").unlink()
    engine.tune(SMALL)
    assert all("disk split" in each.levels for each in engine.cache_snapshots().values())
    engine.close()


def families(num: int) -> list[GenerateText]:
    """Each asks something of its own from the first character on."""
    return [GenerateText(prompt=f"{number:03} {QUESTION * 4}", max_new_tokens=4) for number in range(num)]


def test_in_a_trial_each_family_stays_in_its_arm_and_answers_are_the_same(engine: Local) -> None:
    records: list[RequestRecord] = []
    engine.subscribe(records.append)
    before = [answer(engine, request).text for request in families(24)]
    wait_until(lambda: len(records) == 24)
    assert {record.arm for record in records} == {""}
    records.clear()
    engine.start_trial(replace(SMALL, policy="fifo", max_batch=1))
    assert engine.tuning() == SMALL
    engine.announce(families(24))
    with ThreadPoolExecutor(8) as threads:
        for _ in range(2):
            assert list(threads.map(lambda asked: answer(engine, asked).text, families(24))) == before
    engine.withdraw(families(24))
    wait_until(lambda: len(records) == 48)
    arms = {record.block_ids[0]: record.arm for record in records}
    assert Counter(arms.values()).keys() == {"a", "b"}
    assert all(arms[record.block_ids[0]] == record.arm for record in records)
    state = engine.trial()
    assert state is not None
    assert (state.tuning.policy, state.share) == ("fifo", 0.5)
    assert state.caches["cpu"].index.requests == sum(record.arm == "b" for record in records)
    assert state.placement.replicas["cpu"].scheduler.answered == state.caches["cpu"].index.requests


def test_what_a_trial_has_taken_is_answered_when_it_ends(engine: Local, tmp_path: Path) -> None:
    engine.identity()
    engine.start_trial(SMALL, share=0.99)
    assert (tmp_path / "trial" / "kvcache").is_dir()
    with ThreadPoolExecutor(16) as threads:
        asked = [replace(request, max_new_tokens=40) for request in families(16)]
        answers = [threads.submit(answer, engine, each) for each in asked]
        while (engine.health().num_running or 0) == 0 and not all(each.done() for each in answers):
            continue
        engine.end_trial()
        assert engine.trial() is None
        assert not (tmp_path / "trial").exists()
        assert {each.result().usage.finish_reason for each in answers} <= {"length", "stop"}
    engine.end_trial()
    assert answer(engine, families(1)[0]).text


def test_a_trial_is_refused_beside_another_one_and_before_there_is_a_model(
    folder: Path, tmp_path: Path
) -> None:
    engine = Local(settings_of(folder, tmp_path))
    with pytest.raises(EngineUnavailable):
        engine.start_trial(SMALL)
    engine.identity()
    for share in (0.0, 1.0):
        with pytest.raises(Invalid, match="share"):
            engine.start_trial(SMALL, share=share)
    engine.start_trial(SMALL)
    with pytest.raises(Conflict, match="already"):
        engine.start_trial(SMALL)
    with pytest.raises(Conflict, match="trial"):
        engine.tune(SMALL)
    engine.close()
    assert not (tmp_path / "trial").exists()
    with pytest.raises(EngineUnavailable):
        engine.start_trial(SMALL)


def test_what_a_killed_process_left_of_a_trial_goes(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "trial" / "kvcache").mkdir(parents=True)
    engine = Local(settings_of(folder, tmp_path))
    engine.identity()
    assert not (tmp_path / "trial").exists()
    engine.close()


def test_requests_that_come_while_trials_come_and_go_are_all_answered(engine: Local) -> None:
    engine.identity()
    is_over = Event()

    def keep_asking(number: int) -> int:
        asked = [replace(request, max_new_tokens=1) for request in families(8)]
        num_answered = 0
        while not is_over.is_set():
            answer(engine, asked[(num_answered + number) % len(asked)])
            num_answered += 1
        return num_answered

    with ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(keep_asking, number) for number in range(4)]
        try:
            for _ in range(20):
                engine.start_trial(SMALL, share=0.7)
                engine.end_trial()
        finally:
            is_over.set()
        assert all(each.result() > 0 for each in asking)
