"""A whole installation prints by itself, and one that cannot print does everything else."""

from pathlib import Path

import pytest

from tests.peers.installation import Installation, eventually
from tests.peers.paper import require_press

RFO = """
from datetime import UTC, datetime
from tests.factories import make_incident, make_page, make_rfo, resolve
incident = make_incident(make_page("SIPcity"))
resolve(incident)
make_rfo(incident)
"""
V1 = "/rfo/RFO-2021-0001/v1"


@pytest.mark.slow
def test_without_its_libraries_all_but_the_pdf_is_there_and_the_sweep_makes_it_once_they_are(
    tmp_path: Path,
) -> None:
    require_press()
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "weasyprint.py").write_text("raise OSError('cannot load library libpango')")
    with Installation(tmp_path, PYTHONPATH=str(tmp_path / "hidden")) as installation:
        installation.shell(RFO)
        assert "PDF" not in installation.manage("publish", "--all")
        installation.start("web", "worker", "beat")
        assert installation.get(f"{V1}.pdf")[0] == 503
        assert [installation.get(f"{V1}{form}")[0] for form in ("", ".json", ".md", "/SHA256SUMS")] == [
            200
        ] * 4
        told = "no PDF can be made here"
        eventually(lambda: told in installation.log("worker"), within=30, what="the worker's word")
        for name in ("web", "worker", "beat"):
            installation.stop(name)
        del installation.environment["PYTHONPATH"]
        installation.start("web", "worker", "beat")
        sums = f"{V1}/SHA256SUMS"
        eventually(lambda: "v1.pdf" in installation.get(sums)[1], within=60, what="the PDF's checksum")
        assert f'href="{V1}.pdf"' in installation.get(V1)[1]
