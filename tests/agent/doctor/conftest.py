"""What doctor's tests share."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from keys.checkup import Finding
from tests.agent.doctor.patient import HOST, Patient
from tests.agent.vendor import Vendor
from tests.contract.serving import in_memory
from tests.faults.authority import Authority
from tests.faults.oddserver import OddServer

Told = Callable[[Sequence[Finding]], Finding]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for one test, in memory."""
    with in_memory() as folder:
        yield folder


@pytest.fixture
def patient(folder: Path) -> Patient:
    return Patient(folder)


@pytest.fixture
def vendor(patient: Patient) -> Vendor:
    return Vendor(patient.clock)


@pytest.fixture
def authority(folder: Path, patient: Patient) -> Authority:
    """An authority that is known everywhere."""
    patient.public = Authority(folder).certificate
    return Authority(folder)


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Told:
    """Find the one finding that names the situation of this test: the first that is not well."""
    word = request.node.get_closest_marker("situation").kwargs["says"]

    def tell(findings: Sequence[Finding]) -> Finding:
        wrong = [each for each in findings if each.state == "failed"] or [
            each for each in findings if each.word == word
        ]
        assert [each.word for each in wrong][:1] == [word], [(each.check, each.state, each.word) for each in findings]
        assert wrong[0].said.endswith((".", ". "))
        assert "{" not in f"{wrong[0].said}{wrong[0].means}{wrong[0].remedy}"
        return wrong[0]

    return tell


def of(server: OddServer, host: str = HOST, scheme: str = "https") -> str:
    """The address of a server, by a name that means this machine."""
    return f"{scheme}://{host}:{server.server_address[1]}"
