"""The command line over the same use cases: analyse, ingest, backup, restore, verify, worker and more."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from core.errors import Invalid, WorkbenchError
from core.settings import Settings, load_settings

FAILURE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """0; 1 when `ingest` left files out or `verify` met another file; 2 when nothing could be done."""
    parser = build_parser()
    given = parser.parse_args(arguments)
    try:
        code: int = given.run(given, load_settings(data_dir=given.data_dir))
        return code
    except WorkbenchError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return FAILURE
    except BrokenPipeError:
        return 0


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    parser.add_argument("--data-dir", type=Path, help="folder for all state (default: ./var)")
    commands = parser.add_subparsers(required=True, metavar="command")

    analyse = commands.add_parser("analyse", help="find redundant documents in a folder, a file or a .jsonl")
    analyse.add_argument("path", type=Path)
    analyse.add_argument("--threshold", type=float, default=0.7, help="least similarity (default: 0.7)")
    analyse.add_argument(
        "--rule", default="newest", help="which document stays: newest, longest, first or best_quality"
    )
    analyse.add_argument("--json", type=Path, dest="out", help="write the report here instead of printing")
    analyse.add_argument(
        "--find",
        nargs="+",
        default=[],
        metavar="KIND",
        help="look for more: passages, meanings (other words, translations), contradictions",
    )
    analyse.set_defaults(run=_analyse)

    compare = commands.add_parser("compare", help="compare two files: words, passages, facts, meaning")
    compare.add_argument("a", type=Path)
    compare.add_argument("b", type=Path)
    compare.add_argument("--json", type=Path, dest="out", help="write the answer here instead of printing")
    compare.set_defaults(run=_compare)

    ingest = commands.add_parser("ingest", help="take a folder or files into the library")
    ingest.add_argument("paths", type=Path, nargs="+")
    ingest.set_defaults(run=_ingest)

    backup = commands.add_parser("backup", help="write all state to one file while the product runs")
    backup.add_argument("out", type=Path)
    backup.set_defaults(run=_backup)

    restore = commands.add_parser("restore", help="put a backup in the place of the present state")
    restore.add_argument("backup", type=Path)
    restore.set_defaults(run=_restore)

    migrate = commands.add_parser("migrate", help="bring the tables to their newest form")
    migrate.set_defaults(run=_migrate)

    worker = commands.add_parser("worker", help="run jobs until stopped; start as many as you like")
    worker.add_argument("--name", default="worker-1", help="stable and unique: it finds its cut jobs again")
    worker.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    worker.set_defaults(run=_worker)

    verify = commands.add_parser("verify", help="tell whether a file is the one that was exported here")
    verify.add_argument("file", type=Path)
    verify.add_argument(
        "manifest", type=Path, nargs="?", help="not needed for a zip bundle, which has its own"
    )
    verify.set_defaults(run=_verify)

    rules = commands.add_parser("alert-rules", help="print the rules file for Prometheus")
    rules.set_defaults(run=_alert_rules)
    return parser


def _analyse(given: argparse.Namespace, settings: Settings) -> int:
    from core.bootstrap import ingestion_limits, open_embedder
    from core.ingestion import ParserPool
    from core.use_cases.analyse_folder import analyse_path, write_report
    from core.use_cases.analysis_steps import comparing_backend

    with closing(comparing_backend(settings)) as backend:
        report = analyse_path(
            given.path,
            lambda: ParserPool(ingestion_limits(settings), processes=settings.parser_processes),
            threshold=given.threshold,
            rule=given.rule,
            floor=settings.similarity_floor,
            compare=backend.find_pairs,
            find=given.find,
            embedder=open_embedder(settings) if given.find else None,
        )
    write_report(report, given.out)
    return 0


def _compare(given: argparse.Namespace, settings: Settings) -> int:
    from core.bootstrap import ingestion_limits, open_embedder
    from core.ingestion import ParserPool
    from core.use_cases.analyse_folder import compare_paths, write_report

    found = compare_paths(
        given.a, given.b, lambda: ParserPool(ingestion_limits(settings), processes=1), open_embedder(settings)
    )
    write_report(found, given.out)
    return 0


def _ingest(given: argparse.Namespace, settings: Settings) -> int:
    from core.bootstrap import inline_workbench, open_database, prepare
    from core.gateway.roles import LOCAL_ADMINISTRATOR
    from core.use_cases.inbox import IncomingFile
    from core.use_cases.ingest_files import IngestFiles, files_at, ingest_files

    prepare(settings)
    workbench = inline_workbench(settings, open_database(settings))
    files = [IncomingFile(name, path) for name, path in files_at(given.paths)]
    request = IngestFiles(files=files, origin="folder")
    job = ingest_files(request, LOCAL_ADMINISTRATOR, workbench)
    if job.error:
        raise WorkbenchError(job.error, remedy=job.remedy or "")
    with workbench.storage.transaction(readonly=True) as work:
        for problem in reversed(work.problems.open(LOCAL_ADMINISTRATOR.workspace)):
            if problem.job == job.id:
                print(f"{problem.name}: {problem.message} {problem.remedy}", file=sys.stderr)
    print(f"Documents added: {job.result['added']}. Files with a remark: {job.result['problems']}.")
    return 1 if job.result["problems"] else 0


def _backup(given: argparse.Namespace, settings: Settings) -> int:
    from core.bootstrap import open_database, prepare
    from core.storage.backup import back_up

    prepare(settings)
    num_bytes = back_up(open_database(settings), settings.inbox_dir, given.out)
    print(f"{num_bytes} bytes written to {given.out}.")
    return 0


def _restore(given: argparse.Namespace, settings: Settings) -> int:
    from core.bootstrap import claim, make_data_dir, open_database
    from core.storage.backup import restore

    make_data_dir(settings)
    with claim(settings.data_dir):
        restore(open_database(settings), settings.inbox_dir, given.backup)
    print(f"Restored into {settings.data_dir}.")
    return 0


def _migrate(_given: argparse.Namespace, settings: Settings) -> int:
    from core.bootstrap import prepare

    prepare(settings)
    return 0


def _verify(given: argparse.Namespace, settings: Settings) -> int:
    """0 for a file that was exported here; 1 for any other."""
    from core.bootstrap import open_signing_key
    from core.exports.manifest import verify

    try:
        manifest = given.manifest.read_bytes() if given.manifest else None
        found = verify(given.file.read_bytes(), manifest, open_signing_key(settings))
    except OSError as error:
        raise Invalid(
            f"{error.filename} cannot be read: {error.strerror}.", remedy="Check the path."
        ) from error
    print(f"{given.file.name}: {found.verdict}")
    for member in found.members:
        if member.verdict != "genuine":
            print(f"  {member.name}: {member.verdict}")
    return 0 if found.verdict == "genuine" else 1


def _alert_rules(_given: argparse.Namespace, settings: Settings) -> int:
    from core.telemetry.alerts.prometheus import rules_file

    print(rules_file(settings), end="")
    return 0


def _worker(given: argparse.Namespace, settings: Settings) -> int:
    from core.bootstrap import run_worker
    from core.telemetry.logs import configure_logging

    configure_logging(settings.log_level, process=given.name)
    run_worker(settings, given.name, given.parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
