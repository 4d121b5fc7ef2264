"""Files that leave by the gateway: whole, in pieces, and only by a link that holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from core.gateway.door import Gateway
from core.gateway.http_api import build_api
from core.gateway.roles import Principal
from core.storage.exports import ListedExport
from core.telemetry.health import Health, summarised
from core.telemetry.metrics import Metrics
from core.use_cases import (
    BrowseLibrary,
    ExportDocument,
    IngestFiles,
    LinkExport,
    browse_library,
    export_document,
    ingest_files,
    link_export,
)
from core.use_cases.exportable import Subject
from core.use_cases.inbox import IncomingFile
from core.workbench import Workbench


@dataclass
class Serving:
    """An application that does nothing but answer."""

    gateway: Gateway

    def health(self) -> Health:
        return summarised((), 0)

    def missing(self) -> str:
        return ""


@pytest.fixture
def client(workbench: Workbench) -> Iterator[TestClient]:
    with TestClient(build_api(Serving(Gateway(workbench, Metrics())))) as client:
        yield client


@pytest.fixture
def made(workbench: Workbench, analyst: Principal) -> ListedExport:
    name = "Política “nueva”; a=b.md"
    incoming = IncomingFile(name, "# Política “nueva”; a=b\n\nTexto de la política.".encode())
    ingest_files(IngestFiles(files=[incoming]), analyst, workbench)
    (document,) = browse_library(BrowseLibrary(), analyst, workbench).documents
    request = ExportDocument(subject=Subject(kind="document", id=document.id), format="html")
    return export_document(request, analyst, workbench)


def test_a_link_gives_the_file_as_a_download_that_can_run_nothing(
    client: TestClient, made: ListedExport, workbench: Workbench, analyst: Principal
) -> None:
    path = link_export(LinkExport(export=made.record.id), analyst, workbench)
    answer = client.get(f"/{path}")
    assert answer.status_code == 200
    assert answer.content == workbench.artefacts.get(made.record.sha256)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "Pol%C3%ADtica" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["etag"] == f'"{made.record.sha256}"'


def test_a_cut_download_goes_on_where_it_stopped(
    client: TestClient, made: ListedExport, workbench: Workbench, analyst: Principal
) -> None:
    path = link_export(LinkExport(export=made.record.id), analyst, workbench)
    rest = client.get(f"/{path}", headers={"Range": "bytes=100-"})
    assert rest.status_code == 206
    assert rest.content == workbench.artefacts.get(made.record.sha256)[100:]


def test_a_link_that_was_made_up_is_refused(
    client: TestClient, made: ListedExport, workbench: Workbench, analyst: Principal
) -> None:
    path = link_export(LinkExport(export=made.record.id), analyst, workbench)
    assert client.get(f"/{path[:-1]}x").status_code == 403
    assert client.get(f"/{path.replace('default', 'other')}").status_code == 403
    assert client.get(f"/exports/default/{made.record.id}/file").status_code == 422
    assert client.get(f"/{path.replace(made.record.id, '../../etc/passwd')}").status_code in (403, 404)


def test_a_file_that_is_gone_is_told_with_what_to_do(
    client: TestClient, made: ListedExport, workbench: Workbench, analyst: Principal
) -> None:
    path = link_export(LinkExport(export=made.record.id), analyst, workbench)
    workbench.artefacts.path(made.record.sha256).unlink()
    answer = client.get(f"/{path}")
    assert answer.status_code == 404
    assert answer.json()["remedy"] == "Export it again; the same content gives the same file."
