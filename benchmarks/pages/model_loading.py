"""How fast pages answer while the model in the same process is loaded.

    python -m benchmarks.pages.model_loading

Starts the product in a folder of its own, again and again. Prints one table and writes
it to benchmarks/results/pages.md.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from urllib.request import urlopen

from benchmarks.machine import describe_machine
from benchmarks.pages.browserless import PageSession
from benchmarks.results import as_table, save_section
from tests.fakes.product import Product
from tests.fakes.small_model import write_small_model

STARTS = 3
RUNS_A_SECOND = 10
TITLE = "Pages while the model loads"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = write_small_model(Path(folder) / "model", [("Where is Paris?", "On the Seine.")])
        measured = [_start(Path(folder) / str(number), model) for number in range(STARTS)]
    runs = [seconds for each, _ in measured for seconds in each]
    rows = [
        (
            f"{len(runs)}",
            f"{median(runs) * 1e3:.0f}",
            f"{quantiles(runs, n=20)[-1] * 1e3:.0f}",
            f"{max(runs) * 1e3:.0f}",
            f"{median(loading for _, loading in measured):.1f}",
        )
    ]
    table = as_table(("page runs", "p50 ms", "p95 ms", "slowest ms", "loading took s"), rows)
    body = (
        f"{table}\n\nOverview, {RUNS_A_SECOND} runs a second from the first answer of the application until "
        f"its engine is healthy; {STARTS} starts, torch and transformers imported in a thread of the same "
        "process.\n\n"
        f"Machine: {describe_machine('streamlit', 'torch', 'transformers')}.\n\n"
        "Repeat: `python -m benchmarks.pages.model_loading`"
    )
    print(f"{TITLE}\n{body}")
    save_section("pages", TITLE, body)


def _start(folder: Path, model: Path) -> tuple[list[float], float]:
    """Seconds of each page run while the model loads, and how long that took."""
    product = Product(folder, settings={"engine": "local", "model_folder": str(model)})
    product.start()
    try:
        runs: list[float] = []
        begun = time.perf_counter()
        with PageSession(product.address, "") as session:
            while not _is_loaded(product):
                runs.append(session.run())
                time.sleep(1 / RUNS_A_SECOND)
        return runs, time.perf_counter() - begun
    finally:
        product.stop()


def _is_loaded(product: Product) -> bool:
    with urlopen(f"{product.address}/api/health") as answer:
        return bool(json.load(answer)["engine"] == "healthy")


if __name__ == "__main__":
    main()
