"""Fifty documents handed in as one table: how long until the last one is written, by the real worker.

    python -m benchmarks.documents.batch

Starts the product with its sample library on a folder of its own, hands in a CSV of fifty briefs in three
languages, and waits for the last draft. Prints one table and writes it to benchmarks/results/documents.md.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.bootstrap import Application
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.settings import Settings
from core.storage.drafts import DraftFilter, DraftRecord
from core.storage.job_records import DONE
from core.use_cases import ListDrafts, ListJobs, ReadDraft, WriteBatch
from core.use_cases.inbox import IncomingFile

NUM_DOCUMENTS = 50
LONGEST_WAIT = 600.0
BRIEFS = (
    "Propuesta comercial de monitoreo de temperatura para una cadena de supermercados",
    "Contrato de servicios de monitoreo con una planta de lácteos",
    "Política de viajes y viáticos para el personal nuevo",
    "Nota de prensa sobre la plataforma que explica las alarmas",
    "Plan de continuidad del negocio de la bodega",
    "Memo to all staff about the remote work rules",
    "Runbook for a gateway that goes offline",
    "Status report on the installations of this quarter",
    "FAQ for customers who ask about alarms and sensors",
    "Incident report about the cold room that lost temperature",
    "Proposta comercial para uma rede de hospitais",
    "Manual de atendimento para o time de suporte",
    "Ata da reunião sobre o orçamento de marketing",
    "Política de férias e licenças da empresa",
    "Plano de projeto para a instalação de sensores",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), port=8597)
        application = Application(settings)
        application.start()
        try:
            assert application.wait_until_ready(300)
            rows = [measured(application, "first of a new worker"), measured(application, "again")]
        finally:
            application.stop()
    columns = ("batch", "last done s", "first done s", "median s each", "words", "quoted", "gaps")
    body = "\n\n".join(
        [
            as_table(columns, rows),
            f"{NUM_DOCUMENTS} briefs in one CSV, three languages, sources suggested from 125 samples, "
            "planned, drafted and checked by one worker process; wall seconds from the upload. "
            "The first batch loads word lists and the model of meaning. Goal: 60 s.",
            f"Machine: {describe_machine('dbos', 'sqlalchemy')}.",
            "Repeat: `python -m benchmarks.documents.batch`",
        ]
    )
    print(body)
    save_section("documents", "Fifty documents as one batch", body)


def measured(application: Application, name: str) -> tuple[str, ...]:
    table = "brief\n" + "".join(
        f'"{BRIEFS[number % len(BRIEFS)]}, {name} {number}"\n' for number in range(NUM_DOCUMENTS)
    )
    ask = application.gateway.ask
    began = time.perf_counter()
    file = IncomingFile("briefs.csv", table.encode())
    job = ask(WriteBatch(file=file), LOCAL_ADMINISTRATOR)
    first = 0.0
    while time.perf_counter() - began < LONGEST_WAIT:
        found = ask(ListDrafts(wanted=DraftFilter(batch=job.id), limit=200), LOCAL_ADMINISTRATOR).drafts
        done = [draft for draft in found if draft.version]
        first = first or (time.perf_counter() - began if done else 0.0)
        if len(done) == NUM_DOCUMENTS:
            return _row(application, name, time.perf_counter() - began, first, done)
        time.sleep(0.1)
    states = [each.state for each in ask(ListJobs(limit=200), LOCAL_ADMINISTRATOR) if each.state != DONE]
    raise SystemExit(f"Not all drafts were written in {LONGEST_WAIT:.0f} s: {states}")


def _row(
    application: Application, name: str, seconds: float, first: float, done: list[DraftRecord]
) -> tuple[str, ...]:
    views = [application.gateway.ask(ReadDraft(draft=each.id), LOCAL_ADMINISTRATOR) for each in done]
    statements = [each for view in views for each in view.draft.statements]
    lasted = sorted(each.seconds or 0.0 for each in done)
    return (
        name,
        f"{seconds:.1f}",
        f"{first:.1f}",
        f"{lasted[len(lasted) // 2]:.2f}",
        f"{sum(each.num_words for each in done):,}",
        f"{sum(each.support == 'quoted' for each in statements) / len(statements):.0%}",
        f"{sum(each.num_gaps for each in done):,}",
    )


if __name__ == "__main__":
    main()
