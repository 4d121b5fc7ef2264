"""Asks a process of its own about a template, within limits: a template is a program that anybody may bring.

Question and answer are files without a name, so that nothing of them is held here while the process runs.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from threading import BoundedSemaphore

from core.documents.draft import Draft
from core.documents.plan import DocumentPlan
from core.documents.word_templates.filling import Filled
from core.documents.word_templates.form import TemplateForm, Value
from core.documents.word_templates.limits import FillingLimits
from core.documents.word_templates.messages import (
    Job,
    Reply,
    job_json,
    read_message,
    reply_adapter,
    write_message,
)
from core.documents.word_templates.package_check import MAX_TEMPLATE_BYTES, MIB
from core.documents.word_templates.refusals import refused
from core.errors import Invalid, Unavailable

MOST_AT_ONCE = 2
MODULE = "core.documents.word_templates.worker"
DEFAULT_LIMITS = FillingLimits()

_seats = BoundedSemaphore(MOST_AT_ONCE)
log = logging.getLogger(__name__)


def check_template(data: bytes, limits: FillingLimits = DEFAULT_LIMITS) -> TemplateForm:
    """What the template leaves open. Raises Invalid, with what to do, for one that cannot or may not be used.

    A template that passes has been filled with nothing once.
    """
    return _asked(Job(act="check", limits=limits), data)[0].form


def render(
    template: bytes,
    draft: Draft,
    values: Mapping[str, Value],
    *,
    day: date,
    author: str = "",
    plan: DocumentPlan | None = None,
    limits: FillingLimits = DEFAULT_LIMITS,
) -> Filled:
    """The draft in the template's form; `values` are for its free names.

    Names without a value stand marked in the text and are told in the result. Texts are data: nothing in them
    is evaluated. Equal arguments give equal bytes. Raises Invalid for a template that cannot be filled.
    """
    job = Job(
        act="fill",
        limits=limits,
        draft=draft,
        values=dict(values),
        day=day,
        author=author,
        company=plan.company.name if plan else "",
        industry=plan.company.industry if plan else "",
        facts={fact.label: fact.key for section in plan.sections for fact in section.facts} if plan else {},
    )
    reply, document = _asked(job, template)
    return Filled(document, reply.missing)


def _asked(job: Job, template: bytes) -> tuple[Reply, bytes]:
    if len(template) > MAX_TEMPLATE_BYTES:
        raise refused("template_too_large", limit=f"{MAX_TEMPLATE_BYTES // MIB} MB")
    if not _seats.acquire(timeout=job.limits.seconds):
        raise Unavailable("Too many templates are being filled.", remedy="Try again in a minute.")
    try:
        reply, document = _run(job, template)
    finally:
        _seats.release()
    if reply.refusal is not None:
        raise Invalid(reply.refusal.message, remedy=reply.refusal.remedy, code=reply.refusal.code)
    return reply, document


def _run(job: Job, template: bytes) -> tuple[Reply, bytes]:
    root = Path(__file__).parents[3]
    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as answer:
        write_message(question, job_json(job), template)
        question.seek(0)
        try:
            status = subprocess.run(
                [sys.executable, "-m", MODULE, str(os.getpid())],
                stdin=question,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env=_environment(root),
                cwd=root,
                timeout=job.limits.seconds,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired as error:
            raise refused("template_costs") from error
        answer.seek(0)
        return _reply(status, answer.read())


def _reply(status: int, said: bytes) -> tuple[Reply, bytes]:
    import io

    from pydantic import ValidationError

    if status == 0:
        try:
            words, document = read_message(io.BytesIO(said))
            return reply_adapter().validate_json(words), document
        except (ValueError, ValidationError):
            status = 1
    log.warning("The process of a template ended with status %s.", status)
    if status in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT):
        raise refused("template_costs")
    raise Unavailable(
        "The template could not be read.", remedy="Try again; if it stays so, tell an operator."
    )


def _environment(root: Path) -> dict[str, str]:
    """What the interpreter needs to start, and nothing else; a fixed seed keeps equal input equal."""
    environment = {
        "PYTHONPATH": str(root),
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
    }
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        environment["LD_LIBRARY_PATH"] = str(sysconfig.get_config_var("LIBDIR"))
    return environment
