"""How often the intervals of trials and predictions hold what they promise, where the truth is known.

    python -m benchmarks.tuning.intervals

Generated traffic again and again from one source; writes benchmarks/results/tuning.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import mean, median

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.inference.cache_tuning import CacheTuning
from core.tuning.comparison import compare_arms
from core.tuning.estimate import Estimate
from core.tuning.reach import MIB, BlockCosts
from core.tuning.recorded import Traffic
from core.tuning.what_if import Question, replay_traffic
from tests.tuning.generated_traffic import BLOCK_TOKENS, conversations
from tests.tuning.test_comparison import traffic

NUM_FAMILIES = (20, 30, 80, 120)
CASES, PREDICTED_CASES = 500, 200
GAIN = 0.1
TUNING = CacheTuning(policy="lru", device_mb=300, host_mb=0, disk_mb=0)
QUESTION = Question(
    tunings=(("current", TUNING),), costs=BlockCosts(bytes_per_token=MIB / BLOCK_TOKENS), policies=("lru",)
)
REPEAT = "Repeat: `python -m benchmarks.tuning.intervals`"


def main() -> None:
    trials = as_table(
        ("families", "equal arms: no winner, hit rate %", "first token %", "true difference in it %"),
        [_trial_row(num_families) for num_families in NUM_FAMILIES],
    )
    predictions = as_table(
        ("families", "true hit rate in it %", "true first token in it %"),
        [_prediction_row(num_families) for num_families in NUM_FAMILIES],
    )
    body = "\n\n".join(
        [
            trials,
            f"Intervals of 95 % over {CASES:,} generated trials each, both arms with half of the families;"
            f" the true difference is {GAIN:.0%} of the tokens.",
            predictions,
            f"{PREDICTED_CASES} predictions each, of LRU on generated conversations, ten requests a family."
            " The truth is the mean of all cases; for the first token, itself a median of prompts whose"
            " lengths come in blocks, their median (their mean lies between two steps, and few intervals"
            " of 20 families hold it).",
            f"Machine: {describe_machine('numpy')}.",
            REPEAT,
        ]
    )
    print(f"{body}\n")
    save_section("tuning", "What the intervals hold", body)


def _trial_row(num_families: int) -> tuple[str, ...]:
    equal = [compare_arms(traffic(seed, num_families)) for seed in range(CASES)]
    gained = [compare_arms(traffic(CASES + seed, num_families, gain=GAIN)) for seed in range(CASES)]
    quiet = [
        mean(getattr(each, name).winner is None for each in equal) for name in ("hit_rate", "first_token_ms")
    ]
    held = mean(each.hit_rate is not None and _holds(each.hit_rate.estimate, GAIN) for each in gained)
    return (str(num_families), *(f"{100 * share:.1f}" for share in (*quiet, held)))


def _prediction_row(num_families: int) -> tuple[str, ...]:
    rates, times = [], []
    for seed in range(PREDICTED_CASES):
        *_, found = replay_traffic(_traffic(num_families, seed), QUESTION, lambda _done, _total: None)
        rates.append(found.predictions[0].hit_rate)
        times.append(found.predictions[0].first_token_ms or Estimate(0.0))
    held = _share(rates, mean), _share(times, median)
    return (str(num_families), *(f"{100 * share:.1f}" for share in held))


def _traffic(num_families: int, seed: int) -> Traffic:
    return conversations(10 * num_families, families=num_families, seed=seed)


def _share(estimates: list[Estimate], middle: Callable[[Iterable[float]], float]) -> float:
    truth = middle([each.value for each in estimates])
    return mean(_holds(each, truth) for each in estimates)


def _holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low is not None and estimate.high is not None and estimate.low <= truth <= estimate.high


if __name__ == "__main__":
    main()
